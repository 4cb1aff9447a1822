package dev.workerfarm.worker.lane;

import java.util.function.Consumer;

/**
 * Ends a lane before its time, in a process of its own or on threads of a program: accepts the fault of a loop without
 * which messages would be held and never settled. Threads may share it.
 */
interface LaneEnd extends Consumer<Throwable> {
    /** A task outlasts its hard limit or its revocation: the lane ends at once, and nobody is charged. */
    void atHardLimit();

    /** The lane is to be drained and replaced. */
    void recycle();
}
