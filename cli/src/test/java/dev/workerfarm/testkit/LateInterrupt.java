package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A task that leaves a helper thread behind: it interrupts the thread that ran the task after the task has returned. Returns
 * its process's id.
 */
public final class LateInterrupt implements Task<LateInterrupt.Arguments, Long> {
    public static final TaskType<Arguments, Long> TYPE =
            TaskType.of("test.late_interrupt", Arguments.class, Long.class);

    /**
     * What it takes.
     *
     * @param afterMillis when the first interrupt comes, counted from the task's end
     * @param times how many there are, a few milliseconds from each other
     * @param ofAllThreads whether all other threads of the process are interrupted too
     */
    public record Arguments(int afterMillis, int times, boolean ofAllThreads) {}

    @Override
    public TaskType<Arguments, Long> type() {
        return TYPE;
    }

    @Override
    public Long run(Arguments args, TaskContext context) {
        interruptLater(args.afterMillis(), args.times(), args.ofAllThreads());
        return ProcessHandle.current().pid();
    }

    static void interruptLater(int afterMillis, int times, boolean ofAllThreads) {
        if (times == 0) {
            return;
        }
        var own = Set.of(Thread.currentThread());
        var helper = new Thread(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(afterMillis);
                for (int i = 0; i < times; i++) {
                    var victims = ofAllThreads ? Thread.getAllStackTraces().keySet() : own;
                    victims.stream()
                            .filter(victim -> victim != Thread.currentThread())
                            .forEach(Thread::interrupt);
                    Thread.sleep(Duration.ofMillis(3).toMillis());
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        helper.setDaemon(true);
        helper.start();
    }
}
