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

/** What every command on dead letters takes, and how each says what it did. Filled by picocli. */
final class DeadSession implements ChosenLetters.Report {
    @Option(names = "--json", description = "Print JSON, one object a letter and line.")
    boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "How long to wait for a broker that takes no messages, or for another dead command to end"
                    + " (exit code 4). Default: ${DEFAULT-VALUE}")
    private Duration timeout = Duration.ofSeconds(60);

    @Option(names = "--verbose", description = "Stack traces and a debug log on standard error.")
    @SuppressWarnings("UnusedVariable") // the ErrorReport asks picocli for it
    private boolean verbose;

    private final Console console;
    private int code = ExitCode.OK;

    DeadSession(Console console) {
        this.console = console;
    }

    /** What is done with the letters. */
    interface Action {
        void on(DeadLetters letters) throws InterruptedException;
    }

    /** Connects and does it; the exit code. */
    int run(Action action) throws InterruptedException {
        try (var admin = FarmAdmin.open(console.broker(), null, console.names());
                var letters = admin.deadLetters(timeout)) {
            action.on(letters);
        }
        return code;
    }

    /** Says that it was done, at once: a command that is killed after that has said it. */
    @Override
    public void done(String id, Map<String, ?> details) {
        if (json) {
            var line = line(id, true);
            line.putAll(details);
            print(Json.text(line));
        } else {
            print(id.replaceAll("\\p{Cntrl}", "?"));
        }
    }

    /** Says that it was not done, and why. */
    @Override
    public void failed(String id, String why) {
        code = ExitCode.FAILED;
        if (json) {
            var line = line(id, false);
            line.put("error", Map.of("message", why));
            print(Json.text(line));
        } else {
            console.say("dead letter " + id + ": " + why);
        }
    }

    @Override
    public void unaddressed(String id) {
        failed(id, "it does not say which queue it came from; name one with --queue");
    }

    void print(String line) {
        console.write(line + "\n");
    }

    private static Map<String, @Nullable Object> line(String id, boolean ok) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("id", id);
        line.put("ok", ok);
        return line;
    }
}
