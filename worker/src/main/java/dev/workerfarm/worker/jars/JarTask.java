package dev.workerfarm.worker.jars;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;

/**
 * A task out of a user's jar: its type is asked for once, and while it runs the thread's context class loader is the
 * jar's, where libraries look for their own parts. Threads may share it.
 */
record JarTask<A, R>(Task<A, R> task, TaskType<A, R> type, ClassLoader loader) implements Task<A, R> {
    @Override
    public R run(A args, TaskContext context) throws Exception {
        var thread = Thread.currentThread();
        var before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return task.run(args, context);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
