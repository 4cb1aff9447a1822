package dev.workerfarm.testkit;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A task of the lane in which many run at a time: makes a file when it begins and waits for another, and returns how many of
 * its kind ran at the same time at the most while it did.
 */
public final class GatedDownload implements Task<GatedDownload.Arguments, Object> {
    public static final TaskType<Arguments, Object> TYPE =
            TaskType.of("test.gated_download", Arguments.class, Object.class).on(TaskQueue.DOWNLOADS);

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final AtomicInteger running = new AtomicInteger();

    /**
     * What it takes.
     *
     * @param mark the file to make
     * @param gate the file to wait for, 60 s at most
     */
    public record Arguments(String mark, String gate) {}

    @Override
    public TaskType<Arguments, Object> type() {
        return TYPE;
    }

    @Override
    public Object run(Arguments args, TaskContext context) throws Exception {
        var most = running.incrementAndGet();
        try {
            Files.writeString(Path.of(args.mark()), context.id());
            var began = System.nanoTime();
            while (!Files.exists(Path.of(args.gate()))) {
                if (System.nanoTime() - began > LONGEST.toNanos()) {
                    throw new IllegalStateException("nobody opened " + args.gate());
                }
                Thread.sleep(5);
                most = Math.max(most, running.get());
            }
            return most;
        } finally {
            running.decrementAndGet();
        }
    }
}
