package dev.workerfarm.worker.lane;

import dev.workerfarm.worker.process.ExitCode;
import java.util.function.Consumer;

/**
 * Ends a lane before its time, in a process of its own or on threads of a program: accepts the fault of a loop without
 * which messages would be held and never settled. Threads may share it.
 */
interface LaneEnd extends Consumer<Throwable> {
    /**
     * The lane ends with this code: with {@link ExitCode#HARD_LIMIT}, as a task outlasts its limit or its revocation, at
     * once, and nobody is charged; with {@link ExitCode#RECYCLED} it is drained and replaced.
     */
    void with(int exitCode);
}
