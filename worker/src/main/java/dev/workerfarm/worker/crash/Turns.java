package dev.workerfarm.worker.crash;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.link.DeathReport.Running;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntConsumer;

/** Gives each delivery its turn: beside others, or alone, where a process crashed while running it. Thread-safe. */
public final class Turns {
    /** Held for reading by all deliveries that run; fair, so that later deliveries do not delay one that must run alone. */
    private final ReadWriteLock process = new ReentrantReadWriteLock(true);

    private final Charges charges;
    private final Cancellation cancellation;

    public Turns(Charges charges, Cancellation cancellation) {
        this.charges = charges;
        this.cancellation = cancellation;
    }

    /** Waits for a delivery's turn and writes down that it begins. Redis is asked only about redelivered messages. */
    public Turn begin(Delivery delivery, RunningFile.Slot slot) throws InterruptedException {
        var head = TaskMessage.Head.of(delivery.properties());
        if (head != null && delivery.redelivered()) {
            return beginAgain(delivery, head, slot);
        }
        var lock = process.readLock();
        await(lock);
        if (head != null) { // else it is refused unread
            slot.begin(run(head), head.task(), delivery.queue());
        }
        return new Turn(slot, List.of(), index -> {}, () -> end(slot, lock), new TreeMap<>());
    }

    private Turn beginAgain(Delivery delivery, TaskMessage.Head head, RunningFile.Slot slot)
            throws InterruptedException {
        var run = run(head);
        var found = charges.find(run);
        var lock = found.isEmpty() ? process.readLock() : process.writeLock();
        await(lock);
        // A parent that sees the death reads which call ran. A note for each call is worth its cost only after a death
        // that no parent saw; until then the note has the best guess.
        var isUnseen = !found.stream().allMatch(Charge::isWitnessed);
        charges.begin(
                run,
                isUnseen
                        ? Running.AROUND
                        : found.isEmpty() ? first(run) : found.get(0).index());
        slot.begin(run, head.task(), delivery.queue());
        IntConsumer begun = isUnseen ? index -> charges.at(run, index) : index -> {};
        Runnable ended = () -> {
            end(slot, lock);
            charges.end(run);
        };
        return new Turn(slot, found, begun, ended, new TreeMap<>());
    }

    /** Waits for the lock. An interrupt that does not come with the cancellation is an earlier task's, and is dropped. */
    private void await(Lock lock) throws InterruptedException {
        while (true) {
            try {
                lock.lockInterruptibly();
                return;
            } catch (InterruptedException e) {
                if (cancellation.isCancelled()) {
                    throw e;
                }
            }
        }
    }

    /** The first call of a message. */
    private static int first(TaskRun run) {
        var part = ChunkPart.of(run.id());
        return part == null ? 0 : part.from();
    }

    private static TaskRun run(TaskMessage.Head head) {
        return new TaskRun(head.id(), head.generation(), head.retries());
    }

    private static void end(RunningFile.Slot slot, Lock lock) {
        slot.end();
        lock.unlock();
    }
}
