package dev.workerfarm.cli.dead;

import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.QueueWord;
import dev.workerfarm.dead.ChosenLetters;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer dead}: the tasks that nobody could run, to be looked at, run again or thrown away. */
@Command(
        name = "dead",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DeadLsCommand.class, DeadShowCommand.class, DeadCommand.Replay.class, DeadCommand.Rm.class},
        description = "Looks after the dead letters: tasks that no worker could run.",
        footer = {
            "Examples:",
            "  producer dead ls                        what there is, and why",
            "  producer dead show ID                   everything about one",
            "  producer dead replay ID                 run it again, once its cause is gone",
            "  producer dead rm --all"
        })
public final class DeadCommand {
    /** {@code producer dead replay}: letters back to the queue that they came from. */
    @Command(
            name = "replay",
            description = "Publishes the tasks of dead letters again, and prints each id once the broker has its task.",
            footer = {
                "A task goes back to its queue with a new generation, so that its effects on",
                "shared state may count; its attempts begin anew, eta and expires are gone.",
                "Killed half way, a task may be published twice in the same generation, which",
                "then counts once. Its caller has most likely gone: producer result ID --wait",
                "prints the outcome. With --json a line has id, ok, and queue and generation.",
                "",
                "Examples:",
                "  producer dead replay ID",
                "  producer dead replay --all",
                "  producer dead replay ID --queue farm.tasks"
            })
    static final class Replay implements Action {
        @Mixin
        private Choice choice = new Choice();

        @Option(
                names = "--queue",
                paramLabel = "Q",
                converter = QueueWord.class,
                description = "Publish to this queue instead of the one it came from.")
        private @Nullable String queue;

        @Mixin
        private DeadSession session = new DeadSession();

        @Override
        public int run(Console console) throws InterruptedException {
            var chosen = choice.chosen();
            return session.run(console, (letters, report) -> chosen.replay(letters, queue, report));
        }
    }

    /** {@code producer dead rm}: letters thrown away. */
    @Command(
            name = "rm",
            description = "Throws dead letters away, for good, and prints their ids.",
            footer = {
                "With --json a line has id and ok.",
                "",
                "Examples:",
                "  producer dead rm ID",
                "  producer dead rm --all"
            })
    static final class Rm implements Action {
        @Mixin
        private Choice choice = new Choice();

        @Mixin
        private DeadSession session = new DeadSession();

        @Override
        public int run(Console console) throws InterruptedException {
            return session.run(console, choice.chosen()::remove);
        }
    }

    /** Which letters a command is about. Filled by picocli. */
    private static final class Choice {
        @Parameters(paramLabel = "ID", description = "As dead ls shows them.")
        private List<String> ids = List.of();

        @Option(names = "--all", description = "All that are there now.")
        private boolean all;

        /** Throws IllegalArgumentException unless there are either ids or {@code --all}. */
        ChosenLetters chosen() {
            if (ids.isEmpty() != all) {
                throw new IllegalArgumentException("it takes ids, as dead ls shows them, or --all; see --help");
            }
            return all ? ChosenLetters.all() : ChosenLetters.of(ids);
        }
    }
}
