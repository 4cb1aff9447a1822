package dev.workerfarm.dead;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.wire.letter.Letter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The dead letters that somebody has chosen, all or by their ids, and what can be done with them. Used once, by one thread. */
public final class ChosenLetters {
    /** Hears what became of each. */
    public interface Report {
        /** It was done, for good; {@code details} are more about it, by name. */
        void done(String id, Map<String, ?> details);

        /** It was not done: there is no such letter, or the letter stays. */
        void failed(String id, String why);

        /** It stays: it does not say which queue it came from, and no queue was named. */
        void unaddressed(String id);
    }

    private final boolean all;
    private final Set<String> ids;
    private final Set<String> missing;

    private ChosenLetters(boolean all, Collection<String> ids) {
        this.all = all;
        this.ids = new LinkedHashSet<>(ids);
        this.missing = new LinkedHashSet<>(ids);
    }

    /** All that are there. */
    public static ChosenLetters all() {
        return new ChosenLetters(true, List.of());
    }

    /** Those with these ids; several may have the same. */
    public static ChosenLetters of(Collection<String> ids) {
        return new ChosenLetters(false, ids);
    }

    /** Throws them away, for good. */
    public void remove(DeadLetters letters, Report report) throws InterruptedException {
        List<String> gone = new ArrayList<>();
        letters.read(letter -> {
            if (!take(letter)) {
                return new Fate.Stays();
            }
            gone.add(letter.id());
            return new Fate.Goes();
        });
        gone.forEach(id -> report.done(id, Map.of()));
        reportMissing(report);
    }

    /**
     * Publishes their tasks again, in a new generation. What was done is reported once the broker has the task.
     *
     * @param queue a queue's literal name, or null: each goes to the one that it came from
     */
    public void replay(DeadLetters letters, @Nullable String queue, Report report) throws InterruptedException {
        letters.read(letter -> take(letter) ? replayed(letter, queue, report) : new Fate.Stays());
        reportMissing(report);
    }

    private static Fate replayed(Letter letter, @Nullable String queue, Report report) {
        @Nullable String target = queue == null ? letter.queue() : queue;
        if (target == null) {
            report.unaddressed(letter.id());
            return new Fate.Stays();
        }
        try {
            return new Fate.Leaves(
                    target,
                    letter.replay(Instant.now()),
                    () -> report.done(letter.id(), Map.of("queue", target, "generation", letter.generation() + 1)),
                    refused -> report.failed(letter.id(), "it stays: " + refused.getMessage()));
        } catch (EncodeException e) {
            report.failed(letter.id(), "it stays: " + e.getMessage());
            return new Fate.Stays();
        }
    }

    private boolean take(Letter letter) {
        missing.remove(letter.id());
        return all || ids.contains(letter.id());
    }

    private void reportMissing(Report report) {
        missing.forEach(id -> report.failed(id, "there is none with this id"));
    }
}
