package dev.workerfarm.worker;

import dev.workerfarm.message.TaskHead;
import dev.workerfarm.redis.TaskRun;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntConsumer;

/**
 * Gives each delivery its turn in this process: beside others as usual, or, where a process has died of it, with nothing else.
 * Threads may share it.
 */
final class Turns {
    /** Held for reading by all that run; fair, so that who must be alone is not kept waiting by those who come after. */
    private final ReadWriteLock process = new ReentrantReadWriteLock(true);

    private final Charges charges;

    Turns(Charges charges) {
        this.charges = charges;
    }

    /**
     * Waits for a delivery's turn, and writes down that it begins. Redis is asked only where the broker says that the message
     * was delivered before.
     *
     * @throws InterruptedException if the process gives up what runs
     */
    Turn begin(Delivery delivery, RunningFile.Slot slot) throws InterruptedException {
        var head = TaskHead.of(delivery.properties());
        if (head != null && delivery.redelivered()) {
            return beginAgain(delivery, head, slot);
        }
        var lock = process.readLock();
        lock.lockInterruptibly();
        if (head != null) { // else it is refused unread
            slot.begin(run(head), head.task(), delivery.queue());
        }
        return new Turn(slot, List.of(), index -> {}, () -> end(slot, lock));
    }

    private Turn beginAgain(Delivery delivery, TaskHead head, RunningFile.Slot slot) throws InterruptedException {
        var run = run(head);
        var found = charges.find(run);
        var lock = found.isEmpty() ? process.readLock() : process.writeLock();
        lock.lockInterruptibly();
        // Who sees a process die reads which call it ran. Only after a death that nobody saw each call is worth a note;
        // until
        // then, the best guess is.
        var isUnseen = !found.stream().allMatch(Charge::isWitnessed);
        charges.begin(
                run,
                isUnseen ? Running.AROUND : found.isEmpty() ? 0 : found.get(0).index());
        slot.begin(run, head.task(), delivery.queue());
        IntConsumer begun = isUnseen ? index -> charges.at(run, index) : index -> {};
        return new Turn(slot, found, begun, () -> {
            end(slot, lock);
            charges.end(run);
        });
    }

    private static TaskRun run(TaskHead head) {
        return new TaskRun(head.id(), head.generation(), head.retries());
    }

    private static void end(RunningFile.Slot slot, Lock lock) {
        slot.end();
        lock.unlock();
    }
}
