package dev.workerfarm.worker.run;

import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.TaskContext;

/** A context for a task that uses none. */
public final class NoContext implements TaskContext {
    @Override
    public String id() {
        return "1";
    }

    @Override
    public int attempt() {
        return 0;
    }

    @Override
    public boolean cancelled() {
        return false;
    }

    @Override
    public SharedState shared() {
        throw new IllegalStateException("no shared state");
    }
}
