package dev.workerfarm.worker.download;

import dev.workerfarm.worker.download.address.AddressBlock;
import dev.workerfarm.worker.download.address.AllowList;
import dev.workerfarm.worker.download.address.SpecialAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.function.Predicate;

/**
 * Decides whether a connection may be made: to hosts on the public internet, and to what the {@link AllowList} adds.
 * Not to {@linkplain SpecialAddresses special addresses}, nor to an address of this machine, be it a public one.
 * Thread-safe.
 *
 * <p>It is asked by {@link GuardedSocketFactory}, with the very address that the socket is about to connect to. So
 * nothing can change between the check and the connection, and no spelling of an address, redirect or name server gets
 * round it.
 */
record AddressGuard(AllowList allow, Predicate<InetAddress> ownAddress) {
    AddressGuard(AllowList allow) {
        this(allow, AddressGuard::isOwnAddress);
    }

    /** Throws, saying what the address is, unless the connection may be made. The target's host is the URL's. */
    void check(InetSocketAddress target) throws DownloadException {
        String host = target.getHostString();
        InetAddress address = target.getAddress();
        if (address == null) {
            throw new DownloadException("refused: " + host + " has no address yet");
        }
        byte[] bytes = AddressBlock.bytesOf(address);
        if (allow.allowsHost(host) || allow.allowsAddress(bytes)) {
            return;
        }
        String what = SpecialAddresses.describe(bytes);
        if (what == null && ownAddress.test(address)) {
            what = "an address of this machine";
        }
        if (what != null) {
            String text = address.getHostAddress();
            String named = host.equals(text) ? text : host + ": " + text;
            throw new DownloadException(
                    "refused: %s is %s (allow it with %s)".formatted(named, what, AllowList.VARIABLE));
        }
    }

    private static boolean isOwnAddress(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return true; // cannot tell, so refuse
        }
    }
}
