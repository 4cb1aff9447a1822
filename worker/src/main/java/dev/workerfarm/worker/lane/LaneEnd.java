package dev.workerfarm.worker.lane;

import java.util.function.Consumer;

/** Ends a lane before its time: in a process of its own, or on threads of a program. Threads may share it. */
interface LaneEnd extends Consumer<Throwable> {
    /** A loop cannot go on: without it messages would be held and never settled. */
    @Override
    void accept(Throwable fault);

    /** A task outlasts its hard limit or its revocation: the lane ends at once, and nobody is charged. */
    void atHardLimit();

    /** The lane is to be drained and replaced. */
    void recycle();
}
