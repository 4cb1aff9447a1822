package dev.workerfarm.task;

import dev.workerfarm.shared.SharedState;

/** What a running task knows of itself. Belongs to one run; used on the thread that runs the task. */
public interface TaskContext {
    /** The task's id, for an item of a map {@code <map id>:<index>}: the same in every attempt. */
    String id();

    /** Attempts before this one: 0 at first. */
    int attempt();

    /**
     * True once the task should end: the worker is past its drain time, the task was revoked, or its soft time limit is
     * over. Its thread was interrupted then too. A long loop should look.
     */
    boolean cancelled();

    /**
     * Shared values and arrays. What the task does to them takes effect when it has ended well, in one step with its
     * outcome, and once however often it is run; where what it read was changed by others meanwhile, it runs again. At most
     * 10 000 values and elements. Locks are for producers only: see {@link dev.workerfarm.shared.SharedLock}.
     *
     * @throws IllegalStateException where the task's type does not say {@link TaskType#usesSharedState()}
     */
    SharedState shared();
}
