package dev.workerfarm.worker.crash;

import dev.workerfarm.wire.Failure;
import dev.workerfarm.worker.link.DeathReport.Running;
import dev.workerfarm.worker.link.RunningFile;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One delivery's turn in this process, from before it is read until its outcome is written: records which of its calls
 * runs, for the parent to read after a crash, and says which may not run, as {@link Charge#TRIES} processes have died
 * of it. {@code begun} is told which call begins. {@code lostItems} of a map were not run, and are to be buried one by
 * one. Belongs to one thread.
 *
 * <p>On an Error, keep the slot: the parent reads it after the crash.
 */
public record Turn(
        RunningFile.Slot slot,
        List<Charge> charges,
        IntConsumer begun,
        Runnable ended,
        Map<Integer, Failure> lostItems) {
    /** Why the message may not even be read, or null: it may. */
    @Nullable
    public Failure lost() {
        return lost(Running.AROUND);
    }

    /** A call's turn within the message's: why it may not run, or null: it runs from now on. */
    @Nullable
    public Failure call(int index) {
        var lost = lost(index);
        if (lost == null) {
            begun.accept(index);
            slot.at(index);
        }
        return lost;
    }

    /** The calls are over. */
    public void called() {
        slot.at(Running.AROUND);
    }

    /** The outcome is on its way. */
    public void end() {
        ended.run();
    }

    private @Nullable Failure lost(int index) {
        if (charges.size() < Charge.TRIES) { // nearly always
            return null;
        }
        var own = charges.stream().filter(charge -> charge.index() == index).toList();
        return own.size() < Charge.TRIES ? null : Charge.workerLost(own);
    }
}
