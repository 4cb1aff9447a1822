package dev.workerfarm.producer;

import dev.workerfarm.dead.DeadLetters;
import dev.workerfarm.json.Json;
import dev.workerfarm.pool.PoolConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command on dead letters takes, and how each says what it did. Filled by picocli. */
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

    @Option(names = "--verbose", description = "Stack traces and a debug log on standard error.")
    @SuppressWarnings("UnusedVariable") // the ErrorReport asks picocli for it
    private boolean verbose;

    private int code = ExitCode.OK;

    /** What is done with the letters. */
    interface Action {
        void on(DeadLetters letters) throws InterruptedException;
    }

    /** Connects and does it; the exit code. */
    int run(Console console, Action action) throws InterruptedException {
        var config = PoolConfig.from(console.environment());
        try (var letters = DeadLetters.connect(config.broker(), config.names(), timeout)) {
            action.on(letters);
        }
        return code;
    }

    /** The name of the queue of dead letters. */
    static String queue(Console console) {
        return PoolConfig.from(console.environment()).names().dead();
    }

    /** @throws IllegalArgumentException unless there are either ids or {@code --all} */
    static Set<String> chosen(List<String> ids, boolean all) {
        if (ids.isEmpty() != all) {
            throw new IllegalArgumentException("it takes ids, as dead ls shows them, or --all; see --help");
        }
        return new LinkedHashSet<>(ids);
    }

    /** Says that it was done, at once: who is killed after that has said it. */
    void done(Console console, String id, Map<String, ?> more) {
        if (json) {
            var line = line(id, true);
            line.putAll(more);
            print(console, Json.text(line));
        } else {
            print(console, id.replaceAll("\\p{Cntrl}", "?"));
        }
    }

    /** Says that it was not done, and why. */
    void failed(Console console, String id, String why) {
        code = ExitCode.TASK_FAILED;
        if (json) {
            var line = line(id, false);
            line.put("error", Map.of("message", why));
            print(console, Json.text(line));
        } else {
            console.say("dead letter " + id + ": " + why);
        }
    }

    static void print(Console console, String line) {
        console.out().print(line + "\n");
        if (console.out().checkError()) { // flushes
            throw new OutputClosedException();
        }
    }

    private static Map<String, @Nullable Object> line(String id, boolean ok) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("id", id);
        line.put("ok", ok);
        return line;
    }
}
