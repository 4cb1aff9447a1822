package dev.workerfarm.cli.dead;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.dead.ChosenLetters;
import dev.workerfarm.dead.DeadLetters;
import dev.workerfarm.json.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of every command on dead letters, filled by picocli, and how each command says what it did. */
final class DeadSession {
    @Option(names = "--json", description = "Print JSON, one object a letter and line.")
    boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "How long to wait for a broker that takes no messages, or for another dead command to end"
                    + " (exit code 4). Default: ${DEFAULT-VALUE}")
    private Duration timeout = Duration.ofSeconds(60);

    /** Reads, replays or removes letters. */
    interface Work {
        void on(DeadLetters letters, Report report) throws InterruptedException;
    }

    /** Connects and does it; the exit code. */
    int run(Console console, Work work) throws InterruptedException {
        var report = new Report(console);
        try (var admin = FarmAdmin.open(console.broker(), null, console.names());
                var letters = admin.deadLetters(timeout)) {
            work.on(letters, report);
        }
        return report.code;
    }

    /** Says at once what became of a letter: a command that is killed after that has said it. */
    final class Report implements ChosenLetters.Report {
        private final Console console;
        private int code = ExitCode.OK;

        private Report(Console console) {
            this.console = console;
        }

        @Override
        public void done(String id, Map<String, ?> details) {
            console.write((json ? line(id, true, details) : Console.printable(id)) + "\n");
        }

        @Override
        public void failed(String id, String why) {
            code = ExitCode.FAILED;
            if (json) {
                console.write(line(id, false, Map.of("error", Map.of("message", why))) + "\n");
            } else {
                console.say("dead letter " + id + ": " + why);
            }
        }

        @Override
        public void unaddressed(String id) {
            failed(id, "it does not say which queue it came from; name one with --queue");
        }

        private static String line(String id, boolean ok, Map<String, ?> details) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("id", id);
            line.put("ok", ok);
            line.putAll(details);
            return Json.strictText(line);
        }
    }
}
