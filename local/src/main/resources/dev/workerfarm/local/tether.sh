# Runs "$@" and ends it when standard input does, that is when the JVM that holds the other end is gone, however it went.
# Standard input starts with the program's own input, up to a line "--end--". Only builtins touch it: no secret reaches
# an argument or a variable of another process. The first line of output is "pid N", the rest is the program's.
trap '' INT HUP TERM
input=
while IFS= read -r line && [ "$line" != --end-- ]; do
  input=$input$line'
'
done
session=
command -v setsid >/dev/null 2>&1 && session=setsid
exec 3<&0
printf %s "$input" | (trap - INT HUP TERM; exec $session "$@") 3<&- &
pid=$!
echo "pid $pid"
(
  while read -r line; do :; done <&3
  kill -s KILL -- "-$pid" || kill -s KILL "$pid"
) >/dev/null 2>&1 &
watcher=$!
wait "$pid"
status=$?
kill -s KILL "$watcher"
exit "$status"
