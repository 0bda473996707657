/* A Modbus TCP server on libmodbus, independent of our own encoders.
 * Prints its port, serves one client after another, ends when its standard input ends. */
#include <arpa/inet.h>
#include <modbus.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* modbus_set_float_abcd() and its sisters order the bytes differently from version to version of
 * the library, so the registers are made here: high word first, then swapped as asked. */
static void set_float(uint16_t *registers, float value, int swap, int bswap)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    registers[swap ? 1 : 0] = bits >> 16;
    registers[swap ? 0 : 1] = bits & 0xFFFF;
    for (int place = 0; bswap && place < 2; place++)
        registers[place] = (uint16_t) (registers[place] >> 8 | registers[place] << 8);
}

static void fill(modbus_mapping_t *map)
{
    uint16_t *holding = map->tab_registers;

    holding[0] = 40000;
    holding[1] = (uint16_t) -12;
    MODBUS_SET_INT32_TO_INT16(holding, 2, -2000000000);
    MODBUS_SET_INT64_TO_INT16(holding, 4, (int64_t) -1099511627777LL);
    set_float(holding + 10, 81.5f, 0, 0);
    set_float(holding + 12, -0.3f, 1, 0);
    set_float(holding + 14, 3.14159f, 0, 1);
    set_float(holding + 16, 1.1e6f, 1, 1);
    holding[18] = 0x0008;
    for (int place = 0; place < 10; place++)
        map->tab_input_registers[place] = (uint16_t) (1000 + place);
    map->tab_bits[3] = 1;
    map->tab_input_bits[17] = 1;
}

/* One client until it leaves; 0 when standard input ended. */
static int serve(modbus_t *context, modbus_mapping_t *map)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    struct pollfd waiting[2] = {{0, POLLIN, 0}, {modbus_get_socket(context), POLLIN, 0}};

    while (poll(waiting, 2, -1) > 0) {
        if (waiting[0].revents)
            return 0;
        int length = modbus_receive(context, query);
        if (length == -1)
            return 1;
        if (length > 0)
            modbus_reply(context, query, length, map);
    }
    return 0;
}

int main(void)
{
    modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *map = modbus_mapping_new(10, 20, 20, 10);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listening, going = 1;

    if (context == NULL || map == NULL)
        return 1;
    fill(map);
    modbus_set_slave(context, 7);
    listening = modbus_tcp_listen(context, 4);
    if (listening == -1 || getsockname(listening, (struct sockaddr *) &address, &size) == -1)
        return 1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (going) {
        struct pollfd waiting[2] = {{0, POLLIN, 0}, {listening, POLLIN, 0}};
        if (poll(waiting, 2, -1) <= 0 || waiting[0].revents)
            break;
        if (modbus_tcp_accept(context, &listening) == -1)
            break;
        going = serve(context, map);
        modbus_close(context);
    }
    close(listening);
    modbus_mapping_free(map);
    modbus_free(context);
    return 0;
}
