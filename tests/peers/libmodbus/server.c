/* A Modbus server on libmodbus, independent of our own encoders.
 *
 * server [tcp [PORT [COUNT [FIRST]]]]   prints its port, serves many clients at once
 * server rtu PATH                       serves unit 7 on a serial line (19200 baud, no parity), prints 0
 *
 * Unit 7 has COUNT (40) holding registers with FIRST (40000) in register 0, unit 8 has 507 there; other
 * units are silent. Registers 30 and 31 do not exist. Ends when its standard input ends. */
#include <arpa/inet.h>
#include <modbus.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_CLIENTS 62
#define HOLE_START 30
#define HOLE_END 32

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

static void set_text(uint16_t *registers, const char *text, int count, int bswap)
{
    for (int place = 0; place < count; place++) {
        uint8_t first = 2 * place < (int) strlen(text) ? text[2 * place] : 0;
        uint8_t second = 2 * place + 1 < (int) strlen(text) ? text[2 * place + 1] : 0;
        registers[place] = bswap ? (uint16_t) (second << 8 | first) : (uint16_t) (first << 8 | second);
    }
}

static modbus_mapping_t *new_map(int count, int first)
{
    modbus_mapping_t *map = modbus_mapping_new(10, 20, count < 40 ? 40 : count, 10);
    uint16_t *holding;

    if (map == NULL)
        return NULL;
    holding = map->tab_registers;
    for (int place = 40; place < map->nb_registers; place++)
        holding[place] = (uint16_t) place;
    map->nb_registers = count;
    holding[0] = (uint16_t) first;
    holding[1] = (uint16_t) -12;
    MODBUS_SET_INT32_TO_INT16(holding, 2, -2000000000);
    MODBUS_SET_INT64_TO_INT16(holding, 4, (int64_t) -1099511627777LL);
    set_float(holding + 10, 81.5f, 0, 0);
    set_float(holding + 12, -0.3f, 1, 0);
    set_float(holding + 14, 3.14159f, 0, 1);
    set_float(holding + 16, 1.1e6f, 1, 1);
    holding[18] = 0x0008;
    set_text(holding + 20, "PUMP 7", 4, 0);
    set_text(holding + 24, "Z\xc3\xbcrich", 4, 1);
    for (int place = 0; place < 10; place++)
        map->tab_input_registers[place] = (uint16_t) (1000 + place);
    map->tab_bits[3] = 1;
    map->tab_input_bits[17] = 1;
    return map;
}

static int in_hole(const uint8_t *pdu)
{
    int start = pdu[1] << 8 | pdu[2], count = pdu[3] << 8 | pdu[4];

    return pdu[0] == 3 && start < HOLE_END && start + count > HOLE_START;
}

/* One question; -1 when the client has left. */
static int serve(modbus_t *context, modbus_mapping_t **maps)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    int head = modbus_get_header_length(context);
    int length = modbus_receive(context, query);
    int unit;

    if (length <= 0)
        return length;
    unit = query[head - 1];
    if (unit != 7 && unit != 8)
        return 0;
    if (in_hole(query + head))
        modbus_reply_exception(context, query, MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS);
    else
        modbus_reply(context, query, length, maps[unit - 7]);
    return 0;
}

static int serve_tcp(modbus_mapping_t **maps, int port)
{
    modbus_t *context = modbus_new_tcp("127.0.0.1", port);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    struct pollfd waiting[2 + MOST_CLIENTS] = {{0, POLLIN, 0}};
    int listening, count = 2;

    if (context == NULL)
        return 1;
    listening = modbus_tcp_listen(context, MOST_CLIENTS);
    if (listening == -1 || getsockname(listening, (struct sockaddr *) &address, &size) == -1)
        return 1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    waiting[1].fd = listening;
    waiting[1].events = POLLIN;
    while (poll(waiting, count, -1) > 0 && !waiting[0].revents) {
        for (int place = count - 1; place > 1; place--) {
            modbus_set_socket(context, waiting[place].fd);
            if (waiting[place].revents && serve(context, maps) == -1) {
                close(waiting[place].fd);
                waiting[place] = waiting[--count];
            }
        }
        if (waiting[1].revents && count < 2 + MOST_CLIENTS) {
            waiting[count].fd = modbus_tcp_accept(context, &listening);
            waiting[count].events = POLLIN;
            waiting[count].revents = 0;
            count += waiting[count].fd != -1;
        }
    }
    return 0;
}

static int serve_rtu(modbus_mapping_t **maps, const char *path)
{
    modbus_t *context = modbus_new_rtu(path, 19200, 'N', 8, 1);
    struct pollfd waiting[2] = {{0, POLLIN, 0}};

    if (context == NULL || modbus_set_slave(context, 7) == -1 || modbus_connect(context) == -1)
        return 1;
    printf("0\n");
    fflush(stdout);
    waiting[1].fd = modbus_get_socket(context);
    waiting[1].events = POLLIN;
    while (poll(waiting, 2, -1) > 0 && !waiting[0].revents)
        serve(context, maps);
    return 0;
}

int main(int count, char **words)
{
    int registers = count > 3 ? atoi(words[3]) : 40;
    int first = count > 4 ? atoi(words[4]) : 40000;
    modbus_mapping_t *maps[2] = {new_map(registers, first), new_map(registers, 507)};

    if (maps[0] == NULL || maps[1] == NULL)
        return 1;
    if (count > 2 && strcmp(words[1], "rtu") == 0)
        return serve_rtu(maps, words[2]);
    return serve_tcp(maps, count > 2 ? atoi(words[2]) : 0);
}
