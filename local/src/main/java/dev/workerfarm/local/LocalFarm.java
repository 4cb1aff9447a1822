package dev.workerfarm.local;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.config.Variables;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

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

    private final EmbeddedServices services;
    private final Map<String, String> environment;
    private final Worker workers;
    private final Pool pool;
    private final RedisSharedState shared;

    private LocalFarm(
            EmbeddedServices services,
            Map<String, String> environment,
            Worker workers,
            Pool pool,
            RedisSharedState shared) {
        this.services = services;
        this.environment = environment;
        this.workers = workers;
        this.pool = pool;
        this.shared = shared;
    }

    /**
     * Starts a farm with {@code workers} CPU worker processes and one downloader, and waits until all of them consume.
     *
     * @throws IllegalStateException if a part of it does not start, saying which
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
        var namespace = variables.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE);
        var services = EmbeddedServices.start(namespace);
        try {
            var environment = Variables.merge(variables, services.environment());
            environment.put("FARM_PROCESSES", Integer.toString(workers));
            var opened = new CompletableFuture<Pool>();
            var parent = Worker.builder(WorkerConfig.from(environment))
                    .onFailure(failure -> opened.thenAccept(pool -> pool.fail("workers", failure)))
                    .start();
            try {
                awaitReady(parent);
                var pool = Pool.builder().environment(environment).connect();
                opened.complete(pool);
                var shared = RedisSharedState.open(RedisAddress.parse(services.redisUrl()), namespace);
                return new LocalFarm(services, environment, parent, pool, shared);
            } catch (Throwable e) {
                opened.thenAccept(Pool::terminate);
                parent.close();
                throw e;
            }
        } catch (Throwable e) {
            services.close();
            throw e;
        }
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

    /** The worker processes' ids. */
    public List<Long> workerPids() {
        return workers.pids();
    }

    @Override
    public void close() {
        pool.terminate();
        shared.close();
        workers.close();
        services.close();
    }

    private static void awaitReady(Worker parent) {
        try {
            if (!parent.awaitReady(READY_TIMEOUT)) {
                throw new IllegalStateException(
                        "the worker processes were not ready within " + READY_TIMEOUT.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the workers started", e);
        }
    }
}
