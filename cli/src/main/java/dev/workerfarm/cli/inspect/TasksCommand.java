package dev.workerfarm.cli.inspect;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.json.Json;
import dev.workerfarm.status.FarmStatus;
import dev.workerfarm.wire.control.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code producer tasks}: the tasks that there are. */
@Command(
        name = "tasks",
        description = "Lists the tasks that the connected workers know, and how many processes know each.",
        footer = {
            "All processes of a queue need the same tasks: a number that is less than that",
            "of the lane's processes names a task that some of them refuse. With --json a",
            "line has task, lanes, workers and of, the number of processes in those lanes.",
            "",
            "Examples:",
            "  producer tasks",
            "  producer tasks --json | jq -r .task"
        })
public final class TasksCommand implements Action {
    @Option(names = "--json", description = "Print JSON, one object a task and line.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "2s",
            description = "How long to wait for workers that the broker sees. Default: ${DEFAULT-VALUE}")
    private Duration timeout = Duration.ofSeconds(2);

    /** The fields of a line of JSON keep this order. */
    private record Known(String task, List<String> lanes, int workers, int of) {}

    @Override
    public int run(Console console) throws InterruptedException {
        try (var admin = FarmAdmin.open(console.broker(), null, console.names());
                var client = admin.status(null)) {
            var status = client.askBriefly(timeout);
            var known = known(status.workers());
            if (json) {
                known.forEach(task -> console.write(Json.strictText(task) + "\n"));
            } else if (!known.isEmpty()) {
                List<List<String>> rows = new ArrayList<>();
                rows.add(List.of("TASK", "LANES", "WORKERS"));
                known.forEach(task -> rows.add(
                        List.of(task.task(), String.join(",", task.lanes()), task.workers() + " of " + task.of())));
                console.write(StatusReport.table(rows));
            }
            sayWhoIsMissing(console, status);
            return known.isEmpty() ? ExitCode.FAILED : ExitCode.OK;
        }
    }

    private static void sayWhoIsMissing(Console console, FarmStatus status) {
        var silent = status.consuming() - status.workers().size();
        var old = status.workers().stream()
                .filter(worker -> worker.tasks().isEmpty())
                .count();
        if (status.workers().isEmpty() && silent <= 0) {
            console.say("no worker is connected; start one with ./farm up or ./farm worker");
        } else if (silent > 0) {
            console.say(silent + " of " + status.consuming() + " worker processes did not answer in time");
        }
        if (old > 0) {
            console.say(old + " worker processes are of an older version and do not say which tasks they know");
        }
    }

    private static List<Known> known(List<WorkerStatus> workers) {
        var lanesOf = new TreeMap<String, TreeSet<String>>();
        for (var worker : workers) {
            worker.tasks()
                    .forEach(task -> lanesOf.computeIfAbsent(task, first -> new TreeSet<>())
                            .add(worker.lane()));
        }
        return lanesOf.entrySet().stream()
                .map(each -> new Known(
                        each.getKey(),
                        List.copyOf(each.getValue()),
                        (int) workers.stream()
                                .filter(worker -> worker.tasks().contains(each.getKey()))
                                .count(),
                        (int) workers.stream()
                                .filter(worker -> each.getValue().contains(worker.lane()))
                                .count()))
                .toList();
    }
}
