package dev.workerfarm.local;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.config.Variables;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A whole farm on this machine: embedded broker, embedded Redis, worker processes and a Pool; all gone at
 * {@link #close()}, and also when this JVM dies. The article's {@code with Pool(processes=4) as pool:} in one line:
 *
 * <pre>{@code
 * try (LocalFarm farm = LocalFarm.start(4)) {
 *     farm.pool().map(Square.TYPE, List.of(1, 2, 3, 4, 5)); // [1, 4, 9, 16, 25]
 * }
 * }</pre>
 */
public final class LocalFarm implements AutoCloseable {
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
    /** How long {@link #close} waits for what runs, whose answer nobody reads any more. */
    private static final String DRAIN = "1s";

    private static final int MOST_WORKERS = 1024;

    private final EmbeddedServices services;
    private final Map<String, String> environment;
    private final Worker workers;
    private final Pool pool;
    private final RedisSharedState shared;

    private LocalFarm(EmbeddedServices services, Map<String, String> environment, Worker workers, Pool pool) {
        this.services = services;
        this.environment = environment;
        this.workers = workers;
        this.pool = pool;
        var namespace = environment.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE);
        this.shared = RedisSharedState.open(RedisAddress.from(environment), namespace);
    }

    /**
     * Starts a farm with {@code workers} CPU worker processes and one downloader, and waits until all of them consume.
     *
     * @throws IllegalStateException if a part of it does not start, saying which
     * @throws CallInterruptedException if the thread was interrupted; every part has ended then
     */
    public static LocalFarm start(int workers) {
        return start(workers, Map.of());
    }

    /**
     * As {@link #start(int)}.
     *
     * @param variables {@code FARM_*} variables for the workers, such as {@code FARM_DOWNLOAD_DIR}
     */
    public static LocalFarm start(int workers, Map<String, String> variables) {
        return builder().workers(workers).variables(variables).start();
    }

    /** As {@link #start(int)}, with more to choose. */
    public static Builder builder() {
        return new Builder();
    }

    /** The pool, open as long as the farm. */
    public Pool pool() {
        return pool;
    }

    /** Shared values and arrays, the ones that the workers see, and locks. Open as long as the farm. */
    public RedisSharedState shared() {
        return shared;
    }

    /** The variables under which other processes find this farm; they hold its passwords. */
    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /** The worker processes' ids; an empty list with {@link Builder#inThreads}. */
    public List<Long> workerPids() {
        return workers.pids();
    }

    /**
     * Ends every part, as {@link Pool#terminate} ends the pool: what runs has a second, or the {@code FARM_DRAIN} of the
     * farm's variables, and is then interrupted. An interrupt of the calling thread waits until then.
     */
    @Override
    public void close() {
        uninterrupted(() -> {
            pool.terminate();
            shared.close();
            workers.close();
            services.close();
        });
    }

    /** On a thread of their own: an interrupt in the middle of the broker's start leaves a broken one. */
    private static EmbeddedServices startServices(String namespace) {
        try {
            return CompletableFuture.supplyAsync(
                            () -> EmbeddedServices.start(namespace),
                            start -> Loop.daemon("workerfarm-services", start).start())
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    /** Parts that end wait for each other: an interrupt would leave processes behind. */
    private static void uninterrupted(Runnable ending) {
        var interrupted = Thread.interrupted();
        try {
            ending.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void awaitReady(Worker parent) {
        try {
            if (!parent.awaitReady(READY_TIMEOUT)) {
                throw new IllegalStateException(
                        "the workers were not ready within " + READY_TIMEOUT.toSeconds() + " s: the log says why");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("interrupted while the workers started", e);
        }
    }

    /** What a farm may be given. Belongs to one thread. */
    public static final class Builder {
        private int workers = Runtime.getRuntime().availableProcessors();
        private Map<String, String> variables = Map.of();
        private final List<Class<? extends Task<?, ?>>> classes = new ArrayList<>();
        private final List<Task<?, ?>> tasks = new ArrayList<>();
        private boolean inThreads;

        private Builder() {}

        /** How many CPU workers, 0 to 1024. By default one per core. */
        public Builder workers(int workers) {
            if (workers < 0 || workers > MOST_WORKERS) {
                throw new IllegalArgumentException("workers: " + workers + " is not within 0 to " + MOST_WORKERS);
            }
            this.workers = workers;
            return this;
        }

        /** {@code FARM_*} variables for the workers, such as {@code FARM_DOWNLOAD_DIR}. By default none. */
        public Builder variables(Map<String, String> variables) {
            this.variables = Map.copyOf(Objects.requireNonNull(variables, "variables"));
            return this;
        }

        /**
         * Adds tasks to the built-in ones. Their classes are on the class path and have a constructor without arguments:
         * each worker makes an instance of its own, and this program makes one to check that.
         */
        @SafeVarargs
        public final Builder tasks(Class<? extends Task<?, ?>>... tasks) {
            for (var task : tasks) {
                classes.add(Objects.requireNonNull(task, "task"));
            }
            return this;
        }

        /** As {@link #task(Task)}, with what the task does as a lambda. */
        public <A, R> Builder task(TaskType<A, R> type, Task.Body<A, R> body) {
            return task(Task.of(type, body));
        }

        /** Adds a task that is an object of this program; needs {@link #inThreads}, where all workers share the object. */
        public Builder task(Task<?, ?> task) {
            tasks.add(Objects.requireNonNull(task, "task"));
            return this;
        }

        /**
         * Runs the workers on threads of this JVM, in place of processes: for tests and breakpoints. They take their tasks
         * from the broker and answer as processes do; {@link Worker.Builder#inThreads} says what is different.
         */
        public Builder inThreads() {
            inThreads = true;
            return this;
        }

        /**
         * As {@link LocalFarm#start(int)}.
         *
         * @throws IllegalArgumentException if a class of {@link #tasks} is not so, or there is a task of its name already; if
         *     with {@link #inThreads} a variable is set that is for processes: {@code FARM_JAVA_OPTIONS},
         *     {@code FARM_MAX_TASKS}, {@code FARM_MAX_MEMORY}
         * @throws IllegalStateException if there is a {@link #task} without {@link #inThreads}
         */
        public LocalFarm start() {
            if (!tasks.isEmpty() && !inThreads) {
                throw new IllegalStateException(
                        "the task '" + tasks.get(0).type().name()
                                + "' is an object of this program, which worker processes do not have: give its class to tasks(...),"
                                + " with a constructor without arguments, or run the workers inThreads()");
            }
            var services = startServices(variables.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE));
            try {
                var environment = Variables.merge(variables, services.environment());
                environment.put("FARM_PROCESSES", Integer.toString(workers));
                Map<String, String> forWorkers = new HashMap<>(environment);
                forWorkers.putIfAbsent("FARM_DRAIN", DRAIN);
                var opened = new CompletableFuture<Pool>();
                var worker = Worker.builder(WorkerConfig.from(forWorkers))
                        .tasks(classes)
                        .onFailure(failure -> opened.thenAccept(pool -> pool.fail("workers", failure)));
                var parent = inThreads ? worker.inThreads(tasks).start() : worker.start();
                try {
                    awaitReady(parent);
                    var pool = Pool.builder().environment(environment).connect();
                    opened.complete(pool);
                    return new LocalFarm(services, environment, parent, pool);
                } catch (Throwable e) {
                    uninterrupted(() -> {
                        opened.thenAccept(Pool::terminate);
                        parent.close();
                    });
                    throw e;
                }
            } catch (Throwable e) {
                uninterrupted(services::close);
                throw e;
            }
        }
    }
}
