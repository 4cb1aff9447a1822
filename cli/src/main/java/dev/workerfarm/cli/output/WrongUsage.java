package dev.workerfarm.cli.output;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said of a command line that cannot be read: what is wrong, the usage in one line, where there is more. Stateless. */
public final class WrongUsage {
    private static final String NO_COMMAND =
            "Missing required subcommand"; // as picocli has no exception of its own for it

    private WrongUsage() {}

    /** The lines for standard error; without the usage where a value is wrong, as it says nothing of values. */
    public static List<String> lines(String program, ParameterException e) {
        var error = program + ": " + text(e);
        var helps =
                e instanceof MissingParameterException || e instanceof UnmatchedArgumentException || lacksCommand(e);
        return helps
                ? List.of(
                        error,
                        "Usage: " + usage(e.getCommandLine()),
                        "See " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help")
                : List.of(error);
    }

    private static boolean lacksCommand(ParameterException e) {
        return NO_COMMAND.equals(e.getMessage());
    }

    private static String text(ParameterException e) {
        var commands = e.getCommandLine().getSubcommands();
        if (lacksCommand(e)) {
            return "a command is missing: "
                    + commands.entrySet().stream()
                            .filter(each -> !each.getValue()
                                    .getCommandSpec()
                                    .usageMessage()
                                    .hidden())
                            .map(Map.Entry::getKey)
                            .collect(Collectors.joining(", "));
        }
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return String.valueOf(e.getMessage());
        }
        var kind = commands.isEmpty() ? "one word too many:" : "there is no command";
        var near = unmatched.getSuggestions();
        return (unmatched.isUnknownOption() ? "unknown option" : kind) + " '"
                + unmatched.getUnmatched().get(0) + "'"
                + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?");
    }

    private static String usage(CommandLine command) {
        var spec = command.getCommandSpec();
        var own = spec.usageMessage().customSynopsis();
        if (own.length > 0) {
            return String.join(" ", own).replaceAll("\\s+", " ");
        }
        var words = command.getSubcommands().isEmpty()
                ? spec.positionalParameters().stream().map(WrongUsage::usage)
                : Stream.of("COMMAND");
        return Stream.concat(Stream.of(spec.qualifiedName(), "[OPTION...]"), words)
                .collect(Collectors.joining(" "));
    }

    private static String usage(PositionalParamSpec word) {
        var label = word.paramLabel() + (word.isMultiValue() ? "..." : "");
        return word.required() ? label : "[" + label + "]";
    }
}
