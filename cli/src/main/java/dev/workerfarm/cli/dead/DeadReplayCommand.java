package dev.workerfarm.cli.dead;

import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
final class DeadReplayCommand implements Action {
    @Mixin
    private DeadSession.Choice choice = new DeadSession.Choice();

    @Option(names = "--queue", paramLabel = "Q", description = "Publish to this queue instead of the one it came from.")
    private @Nullable String queue;

    @Mixin
    private DeadSession session = new DeadSession();

    @Override
    public int run(Console console) throws InterruptedException {
        var chosen = choice.chosen();
        return session.run(console, (letters, report) -> chosen.replay(letters, queue, report));
    }
}
