package dev.workerfarm.worker.lane;

import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.task.Task;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.config.LaneProfile;
import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.link.Assignment;
import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.link.PrintedLines;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.ExitCode;
import dev.workerfarm.worker.process.Signals;
import dev.workerfarm.worker.run.TaskRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process with a single lane; it stops when its parent is gone. SIGTERM drains; a second one hurries. Of a program that
 * is the worker the process is the program itself, else {@link #main}.
 */
public final class WorkerProcess {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
    /** Without a parent nobody waits for us, and the broker has often gone with it. */
    private static final Duration DRAIN_WITHOUT_PARENT = Duration.ofSeconds(1);

    private WorkerProcess() {}

    /** The farm's own program. Its arguments are the classes of its own tasks, on the class path. */
    public static void main(String[] args) {
        var assignment = Assignment.ofThisProcess();
        if (assignment == null) {
            LOG.error("a worker process is started by a worker only");
            System.exit(ExitCode.USAGE);
        } else {
            Supplier<List<Task<?, ?>>> own = () ->
                    Arrays.stream(args).<Task<?, ?>>map(TaskRegistry::make).toList();
            run(assignment, own);
        }
    }

    /** Runs the lane that the parent has assigned, with the program's {@code own} tasks too, and ends the process. */
    public static void run(Assignment assignment, Supplier<List<Task<?, ?>>> own) {
        var error = System.err;
        ParentLink link;
        try {
            link = ParentLink.open();
        } catch (IOException e) {
            LOG.error(
                    "a worker process is started by a worker only: it has no link to a parent reason={}", e.toString());
            System.exit(ExitCode.USAGE);
            return;
        }
        // Other hooks are others' code, and may hang; a task may call System.exit, too.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> link.ending(LaneStop.GRACE), "workerfarm-ending"));
        int code;
        try (var out = PrintedLines.onto(error);
                var err = PrintedLines.onto(error)) {
            System.setOut(out);
            System.setErr(err);
            code = run(assignment, own.get(), link);
        } catch (Throwable e) { // the logger still writes to the stream that System.err was
            LOG.error("the process cannot go on", e);
            code = e instanceof OutOfMemoryError ? ExitCode.OUT_OF_MEMORY : ExitCode.LOOP_DIED;
        }
        System.exit(code);
    }

    private static int run(Assignment assignment, List<Task<?, ?>> own, ParentLink link) {
        WorkerSettings config;
        Lane lane;
        try {
            config = WorkerSettings.from(System.getenv());
            lane = config.lane(assignment.lane());
        } catch (IllegalArgumentException e) { // a file has gone or changed since the start of the parent
            LOG.error("{}", e.getMessage());
            return ExitCode.USAGE;
        }
        var profile = LaneProfile.of(lane, assignment.name(), config);
        var stop = new LaneStop(link, config.drain());
        Signals.on("INT", () -> {}); // Ctrl-C goes to the whole group: the parent says what to do
        Signals.on("TERM", stop::request);
        link.watch(() -> stop.request(DRAIN_WITHOUT_PARENT));
        var running = RunningFile.open(
                assignment.running(), profile.processName(), profile.lane().concurrency());
        var end = new ProcessEnd(running, stop::end, ProcessEnd.LONGEST_STOP, Runtime.getRuntime()::halt);
        try (var worker = new LaneWorker(profile, link, running, end, own)) {
            return stop.await(worker);
        } catch (BrokerUnreachableException e) {
            link.unreachable(String.valueOf(e.getMessage()));
            return ExitCode.BROKER_UNREACHABLE;
        } catch (InterruptedException e) {
            return ExitCode.STOPPED;
        }
    }
}
