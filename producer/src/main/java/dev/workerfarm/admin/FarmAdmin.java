package dev.workerfarm.admin;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.Durations;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.dead.DeadLetters;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.status.StatusClient;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import dev.workerfarm.wire.control.ControlCodec;
import dev.workerfarm.wire.control.ControlMessage.Revoke;
import dev.workerfarm.wire.control.ControlMessage.Revoke.Running;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator does with a farm: revokes tasks, looks up stored results, reads the dead letters, asks for the status.
 * Each operation connects when it is called. Whoever opens it closes it. One thread at a time.
 */
public final class FarmAdmin implements AutoCloseable {
    private static final Duration REDIS_ANSWER = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(FarmAdmin.class);
    private static final Duration WAITING_SAID_EVERY = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final int MAX_ID_BYTES = 255;

    private final @Nullable BrokerAddress broker;
    private final @Nullable RedisAddress redis;
    private final QueueNames names;
    private @Nullable RedisSharedState state;

    private FarmAdmin(@Nullable BrokerAddress broker, @Nullable RedisAddress redis, QueueNames names) {
        this.broker = broker;
        this.redis = redis;
        this.names = names;
    }

    /**
     * For the farm of {@code FARM_AMQP_URL}, {@code FARM_REDIS_URL} and {@code FARM_NAMESPACE}; nothing is connected yet.
     *
     * @throws IllegalArgumentException naming the variable and what is wrong with it
     */
    public static FarmAdmin fromEnvironment() {
        var variables = System.getenv();
        var namespace = variables.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE);
        return open(BrokerAddress.from(variables), RedisAddress.from(variables), new QueueNames(namespace));
    }

    /**
     * As {@link #fromEnvironment}, of any farm; nothing is connected yet.
     *
     * @param broker where the broker is, or null: nothing is done that needs it
     * @param redis where Redis is, or null: nothing is done that needs it
     */
    public static FarmAdmin open(@Nullable BrokerAddress broker, @Nullable RedisAddress redis, QueueNames names) {
        return new FarmAdmin(broker, redis, names);
    }

    /**
     * Revokes tasks, maps, or items of maps ({@code <map id>:<index>}): Redis keeps the ids for a week for workers that are not
     * connected now, and a broadcast tells the others.
     *
     * @param running what becomes of a task that runs already
     * @param timeout how long to wait for a broker that takes no messages
     * @throws IllegalArgumentException if an id is empty or has more than 255 bytes; nothing is revoked then
     * @throws RedisUnreachableException if the ids cannot be stored and running tasks were to be killed: whoever takes the
     *     task of a killed process would run it; nothing is broadcast then
     * @throws BrokerUnreachableException if the ids could neither be stored nor be broadcast
     * @throws PublishTimeoutException if the broker takes no messages
     * @throws CallInterruptedException if the thread was interrupted
     */
    public Revocation revoke(List<String> ids, Running running, Duration timeout) {
        for (var id : ids) {
            if (id.isEmpty() || id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
                throw new IllegalArgumentException("an id has 1 to " + MAX_ID_BYTES + " bytes");
            }
        }
        @Nullable RedisUnreachableException notStored = null;
        try {
            state().revoked().add(ids);
        } catch (RedisUnreachableException e) {
            if (running == Running.IS_KILLED) {
                throw e;
            }
            notStored = e;
        }
        try {
            broadcast(ids, running, timeout);
        } catch (BrokerUnreachableException e) {
            if (notStored != null) {
                throw e;
            }
            return new Revocation(null, e);
        }
        return new Revocation(notStored, null);
    }

    private void broadcast(List<String> ids, Running running, Duration timeout) {
        // A publisher that dies fails its confirms, which are awaited below.
        try (var publisher = new ConfirmedPublisher(
                broker(), "revoke", new Topology(names, List.of()), Revoke.MAX_IDS, fault -> {})) {
            List<CompletableFuture<Void>> confirmed = new ArrayList<>();
            for (int from = 0; from < ids.size(); from += Revoke.MAX_IDS) {
                var some = ids.subList(from, Math.min(ids.size(), from + Revoke.MAX_IDS));
                var message = ControlCodec.encode(new Revoke(some, running));
                confirmed.add(publisher.broadcast(names.control(), message, timeout));
            }
            CompletableFuture.allOf(confirmed.toArray(new CompletableFuture<?>[0]))
                    .get(Durations.nanos(timeout), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw interrupted("the workers are told", e);
        } catch (TimeoutException e) {
            throw new PublishTimeoutException("the broker takes no message: the workers were not told", e);
        } catch (ExecutionException e) {
            throw new PublishException("the workers were not told: " + e.getMessage(), e);
        }
    }

    /**
     * The outcome of a task that was published to be stored.
     *
     * @return null if there is none: the task has not ended, did not ask for it, or ended more than
     *     {@link dev.workerfarm.redis.StoredResults#KEPT} ago
     * @throws RedisUnreachableException if Redis is not there
     */
    public @Nullable Outcome result(String id) {
        var text = state().results().find(id);
        return text == null ? null : OutcomeText.read(text);
    }

    /**
     * Whether a task, or the map that it is an item of, was revoked within the last week.
     *
     * @throws RedisUnreachableException if Redis is not there
     */
    public boolean isRevoked(String id) {
        return state().revoked().contains(id);
    }

    /** As {@link #result}, waited for: null if the timeout came first. A null timeout never comes. */
    public @Nullable Outcome awaitResult(String id, @Nullable Duration timeout) {
        var since = System.nanoTime();
        var said = since;
        while (true) {
            var outcome = result(id);
            var now = System.nanoTime();
            if (outcome != null || (timeout != null && now - since >= Durations.nanos(timeout))) {
                return outcome;
            }
            if (now - said >= WAITING_SAID_EVERY.toNanos()) {
                said = now;
                var seconds = TimeUnit.NANOSECONDS.toSeconds(now - since);
                LOG.info("waiting for a stored result, none is there yet taskId={} seconds={}", id, seconds);
            }
            try {
                TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
            } catch (InterruptedException e) {
                throw interrupted("waiting for " + id, e);
            }
        }
    }

    /** Connects to the dead letters, as {@link DeadLetters#connect}. The caller closes them. */
    public DeadLetters deadLetters(Duration timeout) {
        return DeadLetters.connect(broker(), names, timeout);
    }

    /** Connects for questions about the farm's status, as {@link StatusClient#connect}. The caller closes it. */
    public StatusClient status(@Nullable URI managementUrl) {
        return StatusClient.connect(broker(), names, managementUrl);
    }

    private static CallInterruptedException interrupted(String during, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CallInterruptedException("interrupted while " + during, e);
    }

    private BrokerAddress broker() {
        if (broker == null) {
            throw new IllegalStateException("opened without the address of a broker");
        }
        return broker;
    }

    private RedisSharedState state() {
        if (state == null) {
            if (redis == null) {
                throw new IllegalStateException("opened without the address of a Redis");
            }
            state = RedisSharedState.open(redis, names.namespace(), REDIS_ANSWER);
        }
        return state;
    }

    @Override
    public void close() {
        if (state != null) {
            state.close();
        }
    }
}
