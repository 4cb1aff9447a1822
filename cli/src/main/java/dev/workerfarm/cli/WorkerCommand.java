package dev.workerfarm.cli;

import dev.workerfarm.cli.log.LogSetup;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerFlag;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** {@code farm worker}: a parent and its worker processes, until SIGTERM or Ctrl-C. */
@Command(
        name = "worker",
        modelTransformer = WorkerCommand.Flags.class,
        sortOptions = false,
        description = WorkerFlag.RUNS,
        footer = {
            "",
            WorkerFlag.STOPS,
            WorkerFlag.HURRIES,
            "",
            WorkerFlag.EXIT_CODES,
            "",
            "Example: FARM_AMQP_URL=amqp://me:secret@broker/ farm worker --processes 4"
        })
public final class WorkerCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    /** Makes options of the worker's flags. */
    static final class Flags implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            return withFlags(command, WorkerFlag.values());
        }
    }

    static CommandSpec withFlags(CommandSpec command, WorkerFlag... flags) {
        for (var flag : flags) {
            command.addOption(OptionSpec.builder(flag.word())
                    .paramLabel(flag.label())
                    .type(flag.type())
                    .description(flag.help())
                    .build());
        }
        return command.mixinStandardHelpOptions(true); // after the flags
    }

    /** The values that the command line gives for these flags. */
    static Map<WorkerFlag, String> given(CommandSpec command, WorkerFlag... flags) {
        Map<WorkerFlag, String> given = new EnumMap<>(WorkerFlag.class);
        for (var flag : flags) {
            Object value = command.findOption(flag.word()).getValue();
            if (value != null) {
                given.put(flag, value.toString());
            }
        }
        return given;
    }

    public static void main(String[] args) {
        var command = new CommandLine(new WorkerCommand()).setCommandName("farm worker");
        System.exit(FarmCommand.execute(command, args));
    }

    @Override
    public Integer call() throws InterruptedException {
        var given = given(Objects.requireNonNull(spec), WorkerFlag.values());
        return Worker.runProgram("farm worker", () -> {
            LogSetup.requireFormat(System.getenv());
            return Worker.builder(given);
        });
    }
}
