package dev.workerfarm.pool;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import java.time.Duration;
import java.util.Map;

/**
 * What a {@link Pool} needs to know.
 *
 * @param broker where the broker is
 * @param names the farm's queue names
 * @param publishTimeout how long a call of one task may wait for a broker that takes no messages, as it is away or blocks
 *     publishers (a memory or disk alarm); then it fails with a {@link dev.workerfarm.error.PublishTimeoutException}. A map
 *     waits until the broker takes them again
 */
public record PoolConfig(BrokerAddress broker, QueueNames names, Duration publishTimeout) {
    public static final Duration DEFAULT_PUBLISH_TIMEOUT = Duration.ofSeconds(60);

    /**
     * Reads {@code FARM_AMQP_URL} (as {@link BrokerAddress#from} does) and {@code FARM_NAMESPACE}.
     *
     * @throws IllegalArgumentException naming the variable and what is wrong with it
     */
    public static PoolConfig from(Map<String, String> environment) {
        return new PoolConfig(
                BrokerAddress.from(environment),
                new QueueNames(environment.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE)),
                DEFAULT_PUBLISH_TIMEOUT);
    }

    /** For a broker at {@code amqpUrl} and the default names. */
    public static PoolConfig of(String amqpUrl) {
        return new PoolConfig(
                BrokerAddress.parse(amqpUrl), new QueueNames(QueueNames.DEFAULT_NAMESPACE), DEFAULT_PUBLISH_TIMEOUT);
    }
}
