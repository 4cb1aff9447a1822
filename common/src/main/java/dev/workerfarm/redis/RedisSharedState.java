package dev.workerfarm.redis;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.shared.SharedArray;
import dev.workerfarm.shared.SharedLock;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The shared values, arrays and locks of one namespace on one Redis. Threads may share it; who opened it closes it.
 *
 * <p>A value is the Redis string {@code {namespace}:value:<name>}, an array the list {@code {namespace}:array:<name>};
 * type i is stored as the digits that INCRBY works on. A lock is the string {@code {namespace}:lock:<name>}, its
 * holder's token. An operation that fails with {@link RedisUnreachableException} because the answer was lost may have
 * taken effect.
 */
public record RedisSharedState(SharedKeys keys, RedisConnection connection) implements SharedState, AutoCloseable {
    /** Connects on the first operation, or {@link #ping}. The namespace has 1 to 200 characters and no braces. */
    public static RedisSharedState open(RedisAddress address, String namespace) {
        return open(address, namespace, RedisConnection.ANSWER_TIMEOUT);
    }

    /** As {@link #open(RedisAddress, String)}, with 1 ms or more for an answer, instead of 5 s, and for connecting. */
    public static RedisSharedState open(RedisAddress address, String namespace, Duration answerTimeout) {
        return new RedisSharedState(new SharedKeys(namespace), new RedisConnection(address, answerTimeout));
    }

    /** Asks Redis for a sign of life. Throws {@link RedisUnreachableException} if none comes within 2 to 5 seconds. */
    public void ping() {
        connection.call("ping", client -> client.ping());
    }

    @Override
    public SharedValue value(String name) {
        return value(name, null);
    }

    /** As {@link #value(String)}, of a type that it must have to be changed, or gets if it is new; null: either. */
    public SharedValue value(String name, @Nullable Typecode only) {
        return new RedisSharedValue(connection, keys, name, only);
    }

    @Override
    public SharedArray array(String name) {
        return array(name, null);
    }

    /** As {@link #array(String)}, of a type that its elements must have to be changed; null: either. */
    public SharedArray array(String name, @Nullable Typecode only) {
        return new RedisSharedArray(connection, keys, name, only);
    }

    /** The lock of that name. Tasks have none, so it is not part of {@link SharedState}. */
    public SharedLock lock(String name) {
        return new RedisSharedLock(connection, name, keys.lock(name), keys.lockTokens());
    }

    public StoredResults results() {
        return new StoredResults(connection, keys);
    }

    public RevokedTasks revoked() {
        return new RevokedTasks(connection, keys, Clock.systemUTC());
    }

    /** What workers note about processes that died, on these connections. */
    public TaskCharges charges() {
        return new TaskCharges(connection, keys);
    }

    /** Closes the connections. Values and arrays stay in Redis, and locks until their leases end. */
    @Override
    public void close() {
        connection.close();
    }
}
