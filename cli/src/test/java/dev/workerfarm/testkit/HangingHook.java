package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** A task that leaves a shutdown hook behind that never ends. Returns its process's id, or ends the process. */
public final class HangingHook implements Task<HangingHook.Arguments, Long> {
    public static final TaskType<Arguments, Long> TYPE = TaskType.of("test.hanging_hook", Arguments.class, Long.class);

    /**
     * What it takes.
     *
     * @param exits whether it calls System.exit then
     */
    public record Arguments(boolean exits) {}

    private final AtomicBoolean registered = new AtomicBoolean();

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) {
        if (!registered.getAndSet(true)) {
            Runtime.getRuntime().addShutdownHook(new Thread(HangingHook::hang));
        }
        if (args.exits()) {
            System.exit(5);
        }
        return ProcessHandle.current().pid();
    }

    private static void hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
