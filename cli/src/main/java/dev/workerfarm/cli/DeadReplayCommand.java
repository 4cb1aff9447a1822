package dev.workerfarm.cli;

import dev.workerfarm.dead.Fate;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.message.Letter;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer dead replay}: letters back to the queue that they came from. */
@Command(
        name = "replay",
        description = "Publishes the tasks of dead letters again, and prints each id once the broker has its task.",
        footer = {
            "",
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
final class DeadReplayCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "ID", description = "As dead ls shows them.")
    private List<String> ids = List.of();

    @Option(names = "--all", description = "All that are there now.")
    private boolean all;

    @Option(names = "--queue", paramLabel = "Q", description = "Publish to this queue instead of the one it came from.")
    private @Nullable String queue;

    @Mixin
    private DeadSession session = new DeadSession();

    DeadReplayCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        var wanted = DeadSession.chosen(ids, all);
        Set<String> missing = new HashSet<>(wanted);
        return session.run(console, letters -> {
            letters.read(letter -> {
                missing.remove(letter.id());
                return all || wanted.contains(letter.id()) ? replay(letter) : new Fate.Stays();
            });
            wanted.stream()
                    .filter(missing::contains)
                    .forEach(id -> session.failed(console, id, "there is none with this id"));
        });
    }

    private Fate replay(Letter letter) {
        @Nullable String target = queue == null ? letter.queue() : queue;
        if (target == null) {
            session.failed(console, letter.id(), "it does not say which queue it came from; name one with --queue");
            return new Fate.Stays();
        }
        try {
            return new Fate.Leaves(
                    target,
                    letter.replay(Clock.systemUTC().instant()),
                    () -> session.done(
                            console, letter.id(), Map.of("queue", target, "generation", letter.generation() + 1)),
                    refused -> session.failed(console, letter.id(), "it stays: " + refused.getMessage()));
        } catch (EncodeException e) {
            session.failed(console, letter.id(), "it stays: " + e.getMessage());
            return new Fate.Stays();
        }
    }
}
