package dev.workerfarm.cli.dead;

import static java.util.Objects.requireNonNullElse;

import dev.workerfarm.cli.inspect.StatusReport;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.dead.Fate;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.letter.Letter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code producer dead ls}: all letters, a line each. */
@Command(
        name = "ls",
        description = "Lists the dead letters, the oldest first. They stay as they are, however often.",
        footer = {
            "With --json a line has id, task, reason, failure, queue, worker, at, generation,",
            "attempts and bytes.",
            "",
            "Examples:",
            "  producer dead ls",
            "  producer dead ls --json | jq -r 'select(.reason == \"unknown-task\").id'"
        })
final class DeadLsCommand implements Action {
    private static final String NONE = "-";
    private static final String LAST = "~"; // behind every date

    @Mixin
    private DeadSession session = new DeadSession();

    @Override
    public int run(Console console) throws InterruptedException {
        List<Listed> listed = new ArrayList<>();
        DeadSession.Work list = (letters, report) -> letters.read(letter -> {
            var columns = session.json ? List.of(Json.strictText(summary(letter))) : row(letter);
            listed.add(new Listed(requireNonNullElse(letter.at(), LAST), columns));
            return new Fate.Stays();
        });
        var code = session.run(console, list);
        listed.sort(Comparator.comparing(Listed::at)); // a reader that was killed may have left them in another order
        if (session.json) {
            listed.forEach(each -> console.write(each.columns().get(0) + "\n"));
        } else if (listed.isEmpty()) {
            console.say("no dead letters in " + console.names().dead());
        } else {
            listed.add(0, new Listed("", List.of("ID", "REASON", "TASK", "QUEUE", "AT", "ATTEMPTS", "FAILURE")));
            var rows = listed.stream().map(Listed::columns).toList();
            console.write(StatusReport.table(rows));
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
        return List.of(
                letter.id(),
                letter.reason(),
                requireNonNullElse(letter.task(), NONE),
                requireNonNullElse(letter.queue(), NONE),
                requireNonNullElse(letter.at(), NONE),
                String.valueOf(letter.attempts()),
                requireNonNullElse(letter.failure(), NONE));
    }
}
