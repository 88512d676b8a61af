for form in dots hex hexascii ascii base64; do
	eyas events --buffer $form -F evt.buffer --events 2 traces/good/plain.scap
done
