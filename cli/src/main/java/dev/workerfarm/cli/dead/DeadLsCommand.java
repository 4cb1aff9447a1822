package dev.workerfarm.cli.dead;

import dev.workerfarm.cli.inspect.StatusReport;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.dead.Fate;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.letter.Letter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code producer dead ls}: all letters, a line each. */
@Command(
        name = "ls",
        description = "Lists the dead letters, the oldest first. They stay as they are, however often.",
        footer = {
            "",
            "With --json a line has id, task, reason, failure, queue, worker, at, generation,",
            "attempts and bytes.",
            "",
            "Examples:",
            "  producer dead ls",
            "  producer dead ls --json | jq -r 'select(.reason == \"unknown-task\").id'"
        })
final class DeadLsCommand implements Callable<Integer> {
    private static final int LONGEST_FAILURE = 60;
    private static final String NONE = "-";
    private static final String LAST = "~"; // behind every date

    private final Console console;

    @Mixin
    private DeadSession session;

    DeadLsCommand(Console console) {
        this.console = console;
        this.session = new DeadSession(console);
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Listed> listed = new ArrayList<>();
        var code = session.run(letters -> letters.read(letter -> {
            listed.add(new Listed(
                    Objects.requireNonNullElse(letter.at(), LAST),
                    session.json ? List.of(Json.text(summary(letter))) : row(letter)));
            return new Fate.Stays();
        }));
        listed.sort(Comparator.comparing(Listed::at)); // a reader that was killed may have left them in another order
        List<List<String>> rows = new ArrayList<>();
        listed.forEach(each -> rows.add(each.columns()));
        if (session.json) {
            rows.forEach(row -> session.print(row.get(0)));
        } else if (rows.isEmpty()) {
            console.say("no dead letters in " + console.names().dead());
        } else {
            rows.add(0, List.of("ID", "REASON", "TASK", "QUEUE", "AT", "ATTEMPTS", "FAILURE"));
            session.print(StatusReport.table(rows).stripTrailing());
        }
        return code;
    }

    /** A line of the list: no body is kept, of which there may be many large ones. */
    private record Listed(String at, List<String> columns) {}

    /** What a program needs to know of a letter. */
    static Map<String, @Nullable Object> summary(Letter letter) {
        Map<String, @Nullable Object> summary = new LinkedHashMap<>();
        summary.put("id", letter.id());
        summary.put("task", letter.task());
        summary.put("reason", letter.reason());
        summary.put("failure", letter.failure());
        summary.put("queue", letter.queue());
        summary.put("worker", letter.worker());
        summary.put("at", letter.at());
        summary.put("generation", letter.generation());
        summary.put("attempts", letter.attempts());
        summary.put("bytes", letter.body().length);
        return summary;
    }

    private static List<String> row(Letter letter) {
        var failure = Objects.requireNonNullElse(letter.failure(), NONE);
        return List.of(
                letter.id(),
                letter.reason(),
                Objects.requireNonNullElse(letter.task(), NONE),
                Objects.requireNonNullElse(letter.queue(), NONE),
                Objects.requireNonNullElse(letter.at(), NONE),
                String.valueOf(letter.attempts()),
                failure.length() > LONGEST_FAILURE ? failure.substring(0, LONGEST_FAILURE) + "..." : failure);
    }
}
