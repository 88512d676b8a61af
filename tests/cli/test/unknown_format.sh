eyas test --format xml
