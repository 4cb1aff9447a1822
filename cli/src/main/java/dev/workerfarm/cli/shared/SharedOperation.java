package dev.workerfarm.cli.shared;

import dev.workerfarm.cli.input.Candidates;
import dev.workerfarm.cli.input.Typed;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.shared.Typecode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
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

    private final String choices;
    private List<String> words = List.of();

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Option(
            names = "--type",
            paramLabel = "i|d",
            completionCandidates = Candidates.Types.class,
            description = "i: 64-bit integer, d: double. What makes it anew takes it; what changes it"
                    + " is refused if it is of the other. Default: as N is written.")
    private @Nullable Typecode type;

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

    @Option(names = "--verbose", description = "Stack traces and a debug log on standard error.")
    @SuppressWarnings("UnusedVariable") // the ErrorReport asks picocli for it
    private boolean verbose;

    /** @param choices what may be done, for one who types something else: {@code a value has get, set N and add N} */
    SharedOperation(String choices) {
        this.choices = choices;
    }

    /**
     * Does it and prints what it returns: a number, a list of them, or nothing for null.
     *
     * @param words what to do and the operands, as typed
     * @throws IllegalArgumentException if what was typed is wrong, said before Redis is asked
     */
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
        try (var session = SharedSession.open(console, json, timeout)) {
            session.print(action.apply(session.state(), name));
            return ExitCode.OK;
        }
    }

    /** The word that says what to do. */
    String word() {
        return words.isEmpty() ? "get" : words.get(0);
    }

    /** @throws IllegalArgumentException if there are fewer than {@code least} or more than {@code most} */
    List<String> operands(int least, int most) {
        var operands = words.isEmpty() ? words : words.subList(1, words.size());
        if (operands.size() < least || operands.size() > most) {
            throw unknown();
        }
        return operands;
    }

    /** The type that was asked for, or null. */
    @Nullable
    Typecode type() {
        return type;
    }

    /** @throws IllegalArgumentException if the text is no number, or a fraction where type i was asked for */
    Number number(String text) {
        return Typed.number(text, type);
    }

    IllegalArgumentException unknown() {
        return new IllegalArgumentException(choices + ", not '" + String.join(" ", words) + "'; see --help");
    }

    /** @throws SharedStateException if it was not there */
    @Nullable
    Object removed(String kind, boolean wasThere) {
        if (!wasThere) {
            throw new SharedStateException(kind + " '" + name + "' does not exist");
        }
        return null;
    }
}
