package dev.workerfarm.cli.shared;

import dev.workerfarm.cli.input.Typed;
import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.cli.output.ResultPrinter;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.json.Json;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.shared.Typecode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is typed for a shared value or array: its name, what to do with it, and the operands. Filled by picocli. */
final class SharedOperation {
    /** What a person means as a flag; a negative number or slice is none. */
    private static final Pattern FLAG = Pattern.compile("--.*|-[A-Za-z]");

    /** What has a number that may say its type. */
    private static final Set<String> TYPED = Set.of("set", "add", "add-all", "fill");

    private static final class Types extends ArrayList<String> {
        Types() {
            super(List.of("i", "d"));
        }
    }

    private final String choices;
    private List<String> words = List.of();

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Option(
            names = "--type",
            paramLabel = "i|d",
            completionCandidates = Types.class,
            description = "i: 64-bit integer, d: double. What makes it anew takes it; what changes it"
                    + " is refused if it is of the other. Default: as N is written.")
    @Nullable
    Typecode type;

    @Option(names = "--json", description = "Print one line of JSON: a number, an array, or null.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "How long an answer of Redis may take (exit code 4). Default: ${DEFAULT-VALUE}")
    private Duration timeout = Duration.ofSeconds(5);

    @Option(names = "--quiet", description = "Nothing but failures on standard error, as always here.")
    @SuppressWarnings("UnusedVariable") // so that a script may give it to every command
    private boolean quiet;

    /** @param choices what may be done, for one who types something else: {@code a value has get, set N and add N} */
    SharedOperation(String choices) {
        this.choices = choices;
    }

    /** Does what these words say and prints what it returns: a number, those of a list line by line, nothing for null. */
    int run(Console console, List<String> words, BiFunction<RedisSharedState, String, @Nullable Object> action) {
        this.words = List.copyOf(words);
        Stream.concat(Stream.of(name), words.stream())
                .filter(word -> FLAG.matcher(word).matches())
                .findFirst()
                .ifPresent(flag -> {
                    throw new IllegalArgumentException("unknown option '" + flag + "'; see --help");
                });
        if (type != null && !TYPED.contains(word())) {
            throw new IllegalArgumentException("--type means nothing for " + word() + "; see --help");
        }
        var printer = new ResultPrinter(console, new CommonOptions(), Json::text);
        try (var state = RedisSharedState.open(console.redis(), console.names().namespace(), timeout)) {
            var result = action.apply(state, name);
            if (!json && result instanceof List<?> numbers) {
                numbers.forEach(number -> printer.line(Json.text(number)));
            } else if (json || result != null) {
                printer.line(json ? Json.strictText(result) : Json.text(result));
            }
            printer.flush();
            return ExitCode.OK;
        }
    }

    String word() {
        return words.isEmpty() ? "get" : words.get(0);
    }

    /** Throws IllegalArgumentException if there are fewer than {@code least} or more than {@code most}. */
    List<String> operands(int least, int most) {
        var operands = words.isEmpty() ? words : words.subList(1, words.size());
        if (operands.size() < least || operands.size() > most) {
            throw unknown();
        }
        return operands;
    }

    Number number() {
        return number(operands(1, 1).get(0));
    }

    /** Throws IllegalArgumentException if the text is no number, or a fraction where type i was asked for. */
    Number number(String text) {
        return Typed.number(text, type);
    }

    IllegalArgumentException unknown() {
        return new IllegalArgumentException(choices + ", not '" + String.join(" ", words) + "'; see --help");
    }

    /** Removes the value or array. Takes no operands; throws SharedStateException if it does not exist. */
    @Nullable
    Object removed(String kind, BooleanSupplier deletion) {
        operands(0, 0);
        if (!deletion.getAsBoolean()) {
            throw new SharedStateException(kind + " '" + name + "' does not exist");
        }
        return null;
    }
}
