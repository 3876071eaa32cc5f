# A device that overruns, and one that is pulled out and put back: listening continues.
make_spot_model .
echo 'pcm.fromfile { type file slave.pcm { type null } file /dev/null infile "sound.raw" format raw }' > asoundrc
ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:$PWD/asoundrc
export ALSA_CONFIG_PATH
make_spot=$(command -v make_spot_model)
preload=${make_spot%/*}/libfailing_alsa.so
if [ -n "$(ldd "$(command -v wordspot)" | grep -E 'lib[at]san')" ]; then
    echo "a sanitizer must be the first library"
    exit 77
fi
LD_PRELOAD=$preload wordspot listen --graph=model.pb --labels=labels.txt --device=fromfile 2> log | wc -l
cat log
echo "--- Ctrl-C ends it"
mkfifo pipe
# shellcheck disable=SC2094
wordspot listen --graph=model.pb --labels=labels.txt - < pipe > words &
exec 3> pipe
cat sound.raw >&3
for wait in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(wc -l < words)" -ge 7 ] && break
    sleep 0.2
done
kill -TERM $!
wait $!
echo "exit code $?"
wc -l < words
