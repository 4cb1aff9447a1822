package dev.workerfarm.cli.dead;

import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.dead.Fate;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.letter.Letter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code producer dead show}: everything of one letter. */
@Command(
        name = "show",
        description = "Prints everything about a dead letter: why, where and when, its headers, its arguments.",
        footer = {
            "With --json one object, with headers, history, stack and the arguments (or, as",
            "far as the body can be read, json, text or base64) besides what dead ls has.",
            "",
            "Examples:",
            "  producer dead show 5e1c6a8e-90f3-4a5b-8f0c-0d7c3a9f2b11",
            "  producer dead show ID --json | jq .args"
        })
final class DeadShowCommand implements Action {
    private static final int LONGEST_TEXT = 4_096; // a body of which a person has seen enough

    @Parameters(paramLabel = "ID", description = "As dead ls shows it.")
    private String id = "";

    @Mixin
    private DeadSession session = new DeadSession();

    @Override
    public int run(Console console) throws InterruptedException {
        List<String> found = new ArrayList<>();
        var code = session.run(console, (letters, report) -> {
            letters.read(letter -> {
                if (letter.id().equals(id)) {
                    found.add(session.json ? Json.strictText(everything(letter)) : text(letter));
                }
                return new Fate.Stays();
            });
            if (found.isEmpty()) {
                report.failed(id, "there is none with this id");
            }
        });
        if (!found.isEmpty()) {
            console.write(String.join(session.json ? "\n" : "\n\n", found) + "\n");
        }
        return code;
    }

    private static Map<String, @Nullable Object> everything(Letter letter) {
        var everything = DeadLsCommand.summary(letter);
        everything.putAll(letter.more());
        everything.put("reply_to", letter.properties().getReplyTo());
        everything.put("content_type", letter.properties().getContentType());
        everything.put("truncated", letter.truncated());
        everything.putAll(letter.content());
        everything.put("headers", new TreeMap<>(letter.headers()));
        var history = letter.history();
        everything.put("history", history.subList(0, history.size() - 1)); // the last is this letter
        everything.put("stack", letter.stack());
        return everything;
    }

    private static String text(Letter letter) {
        var text = new StringBuilder();
        everything(letter).forEach((name, value) -> {
            if (value instanceof Map<?, ?> fields && name.equals("headers")) {
                fields.forEach((header, content) -> line(text, "header", header + " = " + shown(content)));
            } else if (value instanceof List<?> entries && name.equals("history")) {
                entries.forEach(entry -> line(text, "before", shown(entry)));
            } else if (value instanceof String stack && name.equals("stack")) {
                stack.lines()
                        .forEach(each -> text.append(Console.printable(each)).append('\n'));
            } else if (value != null) {
                line(text, name, shown(value));
            }
        });
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-13s%s\n", Console.printable(name), Console.printable(value)));
    }

    private static String shown(@Nullable Object value) {
        var text = value instanceof String string ? string : Json.text(value);
        return text.length() <= LONGEST_TEXT
                ? text
                : text.substring(0, LONGEST_TEXT) + "... (" + text.length() + " characters, all with --json)";
    }
}
