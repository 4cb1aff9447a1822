# Runs a program and kills it when standard input ends, that is when the JVM that holds the other end is gone, however it
# ended. Arguments: a scratch folder that is removed in that case, or ''; a log file for the program's output, or '' for
# this script's output; the command.
# Standard input starts with the program's own input, up to a line "--end--". Only builtins touch it: no secret reaches
# an argument or a variable of another process. The first line of output is "pid N".
trap '' INT HUP TERM PIPE # PIPE: this shell reports a kill on its output, which nobody reads after the JVM's end
scratch=$1 log=$2
shift 2
input=
while IFS= read -r line && [ "$line" != --end-- ]; do
  input=$input$line'
'
done
session=
command -v setsid >/dev/null 2>&1 && session=setsid
exec 3<&0
printf %s "$input" | (
  trap - INT HUP TERM PIPE
  [ -z "$log" ] || exec >>"$log" 2>&1
  exec $session "$@"
) 3<&- &
pid=$!
echo "pid $pid"
(
  while read -r line; do :; done <&3
  [ -z "$scratch" ] || mkdir -p "$scratch/orphaned"
  kill -s KILL -- "-$pid" || kill -s KILL "$pid"
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$pid"
status=$?
kill -s KILL -- "-$pid" 2>/dev/null # its children
if [ -n "$scratch" ] && [ -d "$scratch/orphaned" ]; then
  rm -rf "$scratch"
else
  kill -s KILL "$watcher" 2>/dev/null
fi
exit "$status"
