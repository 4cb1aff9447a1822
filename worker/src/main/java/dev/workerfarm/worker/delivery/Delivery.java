package dev.workerfarm.worker.delivery;

import com.rabbitmq.client.AMQP;

/**
 * One message as the broker delivered it, settled by its subscription, on whose channel alone the tag means anything.
 *
 * @param redelivered whether it was delivered before, to whomever: the broker's mark, or that it is a copy (PostponedMessage)
 * @param body owned by this record: nobody changes it
 */
@SuppressWarnings("ArrayRecordComponent") // as the broker gave it; two deliveries are told apart by their tag
public record Delivery(
        Subscription subscription,
        long tag,
        String queue,
        boolean redelivered,
        AMQP.BasicProperties properties,
        byte[] body) {}
