# What a newcomer types first.
. "$CASES/lib.sh"
run wordspot
run wordspot --help
run wordspot --version
run wordspot trian
run wordspot frobnicate
run wordspot train --help
run wordspot synth --help
