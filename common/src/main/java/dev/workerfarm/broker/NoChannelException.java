package dev.workerfarm.broker;

import java.io.IOException;

/** The connection has as many channels open as the broker allows; one that closes makes room. */
public final class NoChannelException extends IOException {
    public NoChannelException(int most) {
        super("all " + most + " channels that the broker allows on a connection (channel_max) are in use");
    }
}
