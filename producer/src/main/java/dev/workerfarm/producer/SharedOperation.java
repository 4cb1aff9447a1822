package dev.workerfarm.producer;

import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.shared.RedisSharedState;
import dev.workerfarm.shared.Typecode;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is typed for a shared value or array: its name, what to do with it, and the operands. Filled by picocli. */
final class SharedOperation {
    /** What a person means as a flag; a negative number or slice is none. */
    private static final Pattern FLAG = Pattern.compile("--.*|-[A-Za-z]");

    private final String choices;

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "OPERATION",
            description = "What to do, as listed below; get if nothing is said.")
    private List<String> words = List.of();

    @Option(
            names = "--type",
            paramLabel = "i|d",
            description = "i: 64-bit integer, d: double. What makes it anew takes it; default: as N is written.")
    private @Nullable Typecode type;

    @Mixin
    private CommonOptions options = new CommonOptions();

    /** @param choices what may be done, for one who types something else: {@code a value has get, set N and add N} */
    SharedOperation(String choices) {
        this.choices = choices;
    }

    /**
     * Does it and prints what it returns: a number, a list of them, or nothing for null.
     *
     * @throws IllegalArgumentException if what was typed is wrong, said before Redis is asked
     */
    int run(Console console, BiFunction<RedisSharedState, String, @Nullable Object> action) {
        Stream.concat(Stream.of(name), words.stream())
                .filter(word -> FLAG.matcher(word).matches())
                .findFirst()
                .ifPresent(flag -> {
                    throw new IllegalArgumentException("unknown option '" + flag + "'; see --help");
                });
        try (var session = SharedSession.open(console, options)) {
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
