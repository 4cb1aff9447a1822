package dev.workerfarm.worker.crash;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.TaskCharges;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.process.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers in Redis which worker processes crashed while running which message. A redelivered message is looked up before
 * it runs; a first delivery costs nothing.
 *
 * <p>The dead process's parent hands a {@link DeathReport} to a living child, and to the replacement before that consumes;
 * the child notes the death. The broker may deliver the message to another worker before that. Therefore a process also notes
 * that it begins a redelivered message, and removes the note at the end; the report of its death replaces the note. A process
 * that finds the note of an unfinished run waits for the report, {@link #LONGEST_WAIT} at most, and then counts the note as an
 * unseen death, such as of a whole machine. Consequences:
 *
 * <ul>
 *   <li>A process that does not know of the first death yet runs the message as usual. From then on each run has its note
 *       first: three tries, on one host or many, as long as parents live; four where no parent sees the deaths.
 *   <li>A process counts once for a message, however often its death is reported or noted: notes go by its name.
 *   <li>A lost connection is no death: the notes of what runs here are removed then, and when this process stops.
 * </ul>
 *
 * <p>All of it is best effort: while Redis is away nothing waits, reports are kept in memory, here and in the parent, and an
 * unknown death is not counted. Threads may share it.
 */
public final class Charges {
    private static final Logger LOG = LoggerFactory.getLogger(Charges.class);
    /** A replacement reads its parent's report in well under a second. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Duration ASK_NO_MORE = Duration.ofSeconds(5);

    private final TaskCharges notes;
    private final String process;
    private final String host;
    private final Cancellation cancellation;
    private final Map<String, DeathReport> unrecorded = new ConcurrentHashMap<>();
    private final Set<TaskRun> begun = ConcurrentHashMap.newKeySet();
    /** Until when Redis is not asked, by System.nanoTime; null: it answers. */
    private volatile @Nullable Long away;

    /** @param notes on connections that give up soon */
    public Charges(TaskCharges notes, String process, String host, Cancellation cancellation) {
        this.notes = notes;
        this.process = process;
        this.host = host;
        this.cancellation = cancellation;
    }

    /** A death that this process's parent has seen. */
    public void take(DeathReport report) {
        unrecorded.put(report.process(), report);
    }

    /** Notes in Redis the deaths not noted yet, and names their processes to {@code recorded}. One thread at a time. */
    public void record(Consumer<String> recorded) {
        for (var report : List.copyOf(unrecorded.values())) {
            var isNoted = tell(() -> report.running().forEach(each -> {
                var charge = Charge.lost(report, each.index(), host);
                notes.note(each.run(), report.process(), charge.text());
            }));
            if (!isNoted) {
                return;
            }
            unrecorded.remove(report.process());
            recorded.accept(report.process());
        }
    }

    /** The processes that died of a message, or began it and were not heard of since. May wait for reports. */
    List<Charge> find(TaskRun run) {
        var since = System.nanoTime();
        while (true) {
            var found = lookUp(run);
            if (found.stream().allMatch(Charge::isWitnessed)
                    || System.nanoTime() - since > LONGEST_WAIT.toNanos()
                    || cancellation.await(LOOK_AGAIN)) {
                return found;
            }
        }
    }

    private List<Charge> lookUp(TaskRun run) {
        Map<String, Charge> found = new HashMap<>();
        var noted = ask(() -> notes.find(run));
        if (noted != null) {
            noted.forEach((name, text) -> found.put(name, Charge.of(name, text)));
        }
        found.remove(process); // a run in this process whose connection was lost
        unrecorded
                .values()
                .forEach(report -> report.running().stream()
                        .filter(each -> each.run().equals(run))
                        .forEach(each -> found.put(report.process(), Charge.lost(report, each.index(), host))));
        return new ArrayList<>(found.values());
    }

    /** This process runs a message from now on, first this call of it. */
    void begin(TaskRun run, int index) {
        begun.add(run);
        at(run, index);
    }

    /** The run continues with this call. */
    void at(TaskRun run, int index) {
        if (!begun.contains(run)) {
            return; // forgotten meanwhile
        }
        tell(() -> notes.note(run, process, Charge.begun(process, host, index).text()));
    }

    void end(TaskRun run) {
        if (begun.remove(run)) {
            tell(() -> notes.remove(run, process));
        }
    }

    /** All that runs here runs elsewhere from now on: its notes are removed. */
    public void forget() {
        begun.forEach(this::end);
    }

    /** False if Redis did not answer. */
    private boolean tell(Runnable note) {
        return ask(() -> {
                    note.run();
                    return true;
                })
                != null;
    }

    /** Redis's answer, or null: there is none. */
    private <T> @Nullable T ask(Supplier<T> question) {
        var until = away;
        if (until != null && System.nanoTime() - until < 0) {
            return null;
        }
        try {
            var answer = question.get();
            away = null;
            return answer;
        } catch (RedisUnreachableException | SharedStateException e) {
            if (away == null) {
                LOG.warn("charges are not looked up nor noted while Redis does not answer reason={}", e.getMessage());
            }
            away = System.nanoTime() + ASK_NO_MORE.toNanos();
            return null;
        }
    }
}
