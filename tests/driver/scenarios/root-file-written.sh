# eyas 2 File below / or /root opened for writing
echo note >/root/note
echo note >/note
echo note >/root/.cache/note
echo id >>/root/.ash_history
