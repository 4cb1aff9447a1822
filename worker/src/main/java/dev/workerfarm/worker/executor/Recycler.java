package dev.workerfarm.worker.executor;

import dev.workerfarm.worker.config.Recycling;
import dev.workerfarm.worker.run.Activity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks once for the end of this process when it has reached its {@link Recycling} bounds. Threads may share it. */
public final class Recycler {
    private static final Logger LOG = LoggerFactory.getLogger(Recycler.class);
    /** Linux, proc(5): resident set size and others, in pages; the status file has it in kB, whatever a page is. */
    private static final Path STATUS = Path.of("/proc/self/status");

    private static final String RESIDENT = "VmRSS:";

    private final Recycling recycling;
    private final Activity activity;
    private final Runnable end;
    private final AtomicBoolean asked = new AtomicBoolean();

    public Recycler(Recycling recycling, Activity activity, Runnable end) {
        this.recycling = recycling;
        this.activity = activity;
        this.end = end;
    }

    /** Whether another task may begin: false once enough have run. */
    boolean goesOn() {
        if (recycling.maxTasks() == 0 || activity.succeeded() + activity.failed() < recycling.maxTasks()) {
            return true;
        }
        ask("tasks=" + recycling.maxTasks());
        return false;
    }

    public void look() {
        if (recycling.maxMemoryBytes() == 0) {
            return;
        }
        var bytes = residentBytes();
        if (bytes >= recycling.maxMemoryBytes()) {
            ask("memoryBytes=" + bytes);
        }
    }

    private void ask(String reached) {
        if (asked.compareAndSet(false, true)) {
            LOG.info("recycling this process {}", reached);
            end.run();
        }
    }

    /** Resident memory; elsewhere than on Linux the heap in use, which is less. */
    private static long residentBytes() {
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }
    }
}
