package dev.workerfarm.worker;

import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.task.Task;
import dev.workerfarm.worker.lane.LaneThread;
import dev.workerfarm.worker.lane.WorkerProcess;
import dev.workerfarm.worker.parent.ChildCommand;
import dev.workerfarm.worker.parent.ChildProcess;
import dev.workerfarm.worker.parent.Keeper;
import dev.workerfarm.worker.parent.WorkerParent;
import dev.workerfarm.worker.process.ExitCode;
import dev.workerfarm.worker.run.TaskRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A worker: child processes that execute tasks, each for one queue, and the parent in this process that starts them,
 * replaces a dead one at once, and stops them. This process runs no task, but {@link Builder#inThreads}. Threads may share
 * it; whoever starts it closes it.
 */
public final class Worker implements AutoCloseable {
    private final WorkerParent parent;
    private final @Nullable StandardError ownError;

    private Worker(WorkerParent parent, @Nullable StandardError ownError) {
        this.parent = parent;
        this.ownError = ownError;
    }

    /**
     * Starts the processes that the configuration asks for.
     *
     * @throws IllegalArgumentException if the metrics' port is taken
     * @throws IllegalStateException if this system cannot link processes to their parent: it has no {@code /dev/fd}
     */
    public static Worker start(WorkerConfig config) {
        return builder(config).start();
    }

    /** A program that is the worker: it has the tasks, and its processes are the same program. */
    public static WorkerProgram builder() {
        return new WorkerProgram();
    }

    /** As {@link #start}, with more to choose. */
    public static Builder builder(WorkerConfig config) {
        return new Builder(config);
    }

    /**
     * As {@link #builder(WorkerConfig)}, for a program in the foreground: the variables of this process, and the given
     * flags over them.
     *
     * @throws IllegalArgumentException naming the flag or the variable and what is wrong with it
     */
    public static Builder builder(Map<WorkerFlag, String> flags) {
        var healthFile = flags.get(WorkerFlag.HEALTH_FILE);
        try {
            return builder(WorkerConfig.from(WorkerFlag.over(System.getenv(), flags)))
                    .healthFile(healthFile == null ? null : Path.of(healthFile));
        } catch (IllegalArgumentException e) {
            throw WorkerFlag.naming(flags.keySet(), e);
        }
    }

    /** As {@link Builder#runUntilSignal}, for a program of this name: why it cannot run is a line on standard error. */
    public static int runProgram(String name, Supplier<Builder> builder) throws InterruptedException {
        try (var error = StandardError.ofProgram()) {
            try {
                return builder.get().standardError(error).runUntilSignal();
            } catch (IllegalArgumentException | BrokerUnreachableException | IllegalStateException e) {
                System.err.println(name + ": " + e.getMessage());
                return e instanceof IllegalArgumentException
                        ? ExitCode.USAGE
                        : e instanceof BrokerUnreachableException ? ExitCode.BROKER_UNREACHABLE : ExitCode.LOOP_DIED;
            }
        }
    }

    /** What else a worker may be given. */
    public static final class Builder {
        private static final Duration LOOK = Duration.ofMillis(200);

        private WorkerConfig config;
        private @Nullable Path healthFile;
        private @Nullable StandardError error;
        private Consumer<? super IllegalStateException> onFailure = failure -> {};
        private final List<Task<?, ?>> tasks = new ArrayList<>();
        private @Nullable ChildCommand program;
        private @Nullable List<Task<?, ?>> inThreads;

        private Builder(WorkerConfig config) {
            this.config = config;
        }

        /** A file that exists while every child consumes, or null for none, which is the default. */
        public Builder healthFile(@Nullable Path healthFile) {
            this.healthFile = healthFile;
            return this;
        }

        /**
         * Where the children's logs go. By default to {@code System.err}, which stays as it is, through a queue that
         * the worker closes.
         */
        public Builder standardError(StandardError error) {
            this.error = error;
            return this;
        }

        /**
         * Called once, on a thread of the worker, if a fault ends it while nobody stops it; its children are then asked
         * to stop. By default it is only logged.
         */
        public Builder onFailure(Consumer<? super IllegalStateException> onFailure) {
            this.onFailure = onFailure;
            return this;
        }

        /**
         * Adds tasks to those of the farm, the class path and the jars. Each child makes an instance of each; one is made
         * here, to see that it can be.
         *
         * @param tasks on the class path, with a constructor without arguments
         * @throws IllegalArgumentException if a class has no such constructor, or there is a task of its name already
         */
        public Builder tasks(List<Class<? extends Task<?, ?>>> tasks) {
            tasks.forEach(task -> TaskRegistry.add(TaskRegistry.make(task.getName()), this.tasks));
            return this;
        }

        /**
         * Runs the lanes on daemon threads of this JVM, in place of processes: for tests and breakpoints. A task that does
         * not end at its hard time limit, a revocation or the stop keeps its thread. No process dies, so none is charged or
         * replaced: {@code System.exit} in a task ends this JVM, and a fault that would end a process, an OutOfMemoryError
         * among them, ends the worker ({@link #onFailure}). {@link #standardError} has no effect.
         *
         * @param tasks further tasks, objects of this program; all lanes share them, so many threads may call one at a time
         * @throws IllegalArgumentException if there is a task of such a name already
         */
        public Builder inThreads(List<Task<?, ?>> tasks) {
            List<Task<?, ?>> all = new ArrayList<>(this.tasks);
            tasks.forEach(task -> TaskRegistry.add(task, all));
            inThreads = List.copyOf(tasks);
            return this;
        }

        /** What the children run, and the tasks that it has. By default the worker of the farm. */
        Builder program(ChildCommand program, List<Task<?, ?>> tasks) {
            this.program = program;
            this.tasks.addAll(tasks);
            return this;
        }

        /**
         * As {@link Worker#start}. A queue of the tasks that no variable names gets a process of its own.
         *
         * @throws IllegalArgumentException if two tasks have one name, or give one queue two numbers of tasks at a time; if
         *     with {@link #inThreads} a variable is set that needs processes
         */
        public Worker start() {
            List<Task<?, ?>> own = new ArrayList<>(tasks);
            own.addAll(inThreads == null ? List.of() : inThreads);
            // Two tasks of one name would end each lane at its start.
            config = config.withLanesOf(TaskRegistry.load(own).tasks().values());
            if (inThreads != null) {
                config.settings().requireNoProcesses();
                return start(
                        (lane, name, control) -> new LaneThread(lane, name, config.settings(), this::copies, control),
                        null);
            }
            ChildCommand.requireDescriptors(ChildCommand.DESCRIPTORS);
            var classes = tasks.stream().map(task -> task.getClass().getName()).toList();
            var command = program != null
                    ? program
                    : ChildCommand.ofThisJvm(List.of(), WorkerProcess.class.getName(), classes);
            var java = config.settings().javaOptions();
            var childError = error != null ? error : StandardError.on(() -> System.err);
            var ownError = error != null ? null : childError;
            Keeper.Starter starter = (lane, name, control) ->
                    new ChildProcess(command, lane, name, java, config.environment(), childError::addLine, control);
            try {
                return start(starter, ownError);
            } catch (RuntimeException e) {
                if (ownError != null) {
                    ownError.close();
                }
                throw e;
            }
        }

        /**
         * Starts the worker and stops it at SIGTERM or Ctrl-C; a further signal hurries. For the main thread of a
         * program that does nothing else.
         *
         * @return the exit code: 0 stopped and drained, 1 if a fault has ended the worker, which is logged
         * @throws BrokerUnreachableException as {@link Worker#awaitReady}
         * @throws IllegalArgumentException as {@link Worker#start}, and if the download folder cannot be written
         * @throws IllegalStateException as {@link Worker#start}
         */
        public int runUntilSignal() throws InterruptedException {
            config.checkDownloadFolder();
            var exit = new AtomicInteger(ExitCode.STOPPED);
            try (var signals = StopSignals.listen();
                    var worker = onFailure(failure -> {
                                exit.set(ExitCode.LOOP_DIED);
                                signals.request();
                            })
                            .start()) {
                while (!signals.isStopRequested() && !worker.awaitReady(LOOK)) {
                    // neither has happened yet
                }
                signals.awaitFirst();
                worker.stop();
                signals.onEachFurther(worker::stop);
                worker.awaitStopped();
                return exit.get();
            }
        }

        /** The tasks of a lane on threads: of the classes instances of its own, as a process has. */
        private List<Task<?, ?>> copies() {
            List<Task<?, ?>> copies = new ArrayList<>(Objects.requireNonNull(inThreads));
            tasks.forEach(task -> copies.add(TaskRegistry.make(task.getClass().getName())));
            return copies;
        }

        private Worker start(Keeper.Starter starter, @Nullable StandardError ownError) {
            return new Worker(new WorkerParent(config.settings(), healthFile, starter, onFailure), ownError);
        }
    }

    /**
     * Waits until every child consumes; false if the timeout came first.
     *
     * @throws BrokerUnreachableException if the broker could not be used at the start: the children have ended and are
     *     not replaced. Once a child has consumed, its replacements try again instead
     * @throws IllegalStateException if a fault has ended the worker
     */
    public boolean awaitReady(Duration timeout) throws InterruptedException {
        return parent.awaitReady(timeout);
    }

    /** The children's process ids; none in threads. */
    public List<Long> pids() {
        return parent.pids();
    }

    /** As {@link #pids}, of the children that consume now. */
    public List<Long> consumingPids() {
        return parent.consumingPids();
    }

    /** Asks every child to drain and stop. Called again, it hurries them. */
    public void stop() {
        parent.stop();
    }

    /** Waits until every child has ended; kills a child that outlives its drain time. After {@link #stop}. */
    public void awaitStopped() throws InterruptedException {
        parent.awaitStopped();
    }

    /** Stops the children, as {@link #stop} and {@link #awaitStopped}. */
    @Override
    public void close() {
        parent.close();
        if (ownError != null) {
            ownError.close();
        }
    }
}
