package dev.workerfarm.worker.download.address;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses are something other than a host on the public internet, and what they are. Follows the IANA IPv4 and
 * IPv6 Special-Purpose Address Registries, read strictly: of IPv6 only 2000::/3 is public, and an address that carries
 * an IPv4 address through a tunnel or a translator is what that one is.
 */
public final class SpecialAddresses {
    private static final List<Special> SPECIAL = List.of(
            special("0.0.0.0/32", "the any-local address"),
            special("0.0.0.0/8", "an address of this network"),
            special("10.0.0.0/8", "a private address"),
            special("100.64.0.0/10", "a carrier-grade NAT address"),
            special("127.0.0.0/8", "a loopback address"),
            special("168.63.129.16/32", "a cloud metadata address"), // Azure's, in the middle of public ones
            special("169.254.0.0/16", "a link-local address"),
            special("172.16.0.0/12", "a private address"),
            special("192.0.0.0/24", "an address of a protocol assignment"),
            special("192.0.2.0/24", "a documentation address"),
            special("192.88.99.0/24", "a 6to4 relay address"),
            special("192.168.0.0/16", "a private address"),
            special("198.18.0.0/15", "a benchmarking address"),
            special("198.51.100.0/24", "a documentation address"),
            special("203.0.113.0/24", "a documentation address"),
            special("224.0.0.0/4", "a multicast address"),
            special("255.255.255.255/32", "the broadcast address"),
            special("240.0.0.0/4", "a reserved address"),
            special("::/128", "the any-local address"),
            special("::1/128", "a loopback address"),
            special("::/96", "an IPv4-compatible address"),
            special("64:ff9b:1::/48", "a local NAT64 address"),
            special("100::/64", "a discard-only address"),
            special("2001:db8::/32", "a documentation address"),
            special("3fff::/20", "a documentation address"),
            special("fc00::/7", "a private address"),
            special("fe80::/10", "a link-local address"),
            special("fec0::/10", "a site-local address"),
            special("ff00::/8", "a multicast address"));

    private static final AddressBlock NAT64 = AddressBlock.parse("64:ff9b::/96");
    private static final AddressBlock SIX_TO_FOUR = AddressBlock.parse("2002::/16");
    private static final AddressBlock TEREDO = AddressBlock.parse("2001::/32");
    private static final AddressBlock PROTOCOL_ASSIGNMENTS = AddressBlock.parse("2001::/23");
    private static final AddressBlock GLOBAL_UNICAST = AddressBlock.parse("2000::/3");

    private SpecialAddresses() {}

    /** What the address is, such as "a loopback address"; null for a public one. */
    public static @Nullable String describe(byte[] address) {
        for (Special special : SPECIAL) {
            if (special.block().contains(address)) {
                return special.what();
            }
        }
        if (address.length == 4) {
            return null;
        }
        List<byte[]> carried = carriedIpv4(address);
        for (byte[] ipv4 : carried) {
            String what = describe(ipv4);
            if (what != null) {
                return "a way to " + text(ipv4) + ", " + what;
            }
        }
        if (NAT64.contains(address) || TEREDO.contains(address)) {
            return null;
        }
        if (PROTOCOL_ASSIGNMENTS.contains(address)) {
            return "an address of a protocol assignment";
        }
        return GLOBAL_UNICAST.contains(address) ? null : "not a global unicast address";
    }

    private static List<byte[]> carriedIpv4(byte[] address) {
        if (NAT64.contains(address)) {
            return List.of(Arrays.copyOfRange(address, 12, 16));
        }
        if (SIX_TO_FOUR.contains(address)) {
            return List.of(Arrays.copyOfRange(address, 2, 6));
        }
        if (TEREDO.contains(address)) {
            byte[] client = Arrays.copyOfRange(address, 12, 16);
            for (int i = 0; i < client.length; i++) {
                client[i] = (byte) ~client[i]; // RFC 4380 section 4: sent with every bit flipped
            }
            return List.of(Arrays.copyOfRange(address, 4, 8), client);
        }
        if ((address[8] & ~2) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == (byte) 0xfe) {
            return List.of(Arrays.copyOfRange(address, 12, 16)); // ISATAP, RFC 5214 section 6.1, in any network
        }
        return List.of();
    }

    private static String text(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError("4 bytes are an address", e);
        }
    }

    private static Special special(String block, String what) {
        return new Special(AddressBlock.parse(block), what);
    }

    private record Special(AddressBlock block, String what) {}
}
