# SPDX-License-Identifier: MIT
# Prints the vectors of sec/SPEC.md 3.10, computed without the library (needs Python and its package "cryptography").
import hmac,hashlib,struct
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey,X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding,PublicFormat
h=lambda b:b.hex()
H=lambda *a:hashlib.sha256(b''.join(a)).digest()
HM=lambda k,m:hmac.new(k,m,hashlib.sha256).digest()
def expand(prk,info,L):
    t=b'';o=b'';i=1
    while len(o)<L:
        t=HM(prk,t+info+bytes([i]));o+=t;i+=1
    return o[:L]
def X(s,label,ctx,L):
    l=b'mptsec1 '+label
    return expand(s,struct.pack('!HB',L,len(l))+l+bytes([len(ctx)])+ctx,L)
def sip(k,m):
    M=2**64-1;r=lambda x,b:((x<<b)|(x>>(64-b)))&M
    k0,k1=struct.unpack('<QQ',k);v=[k0^0x736f6d6570736575,k1^0x646f72616e646f6d,k0^0x6c7967656e657261,k1^0x7465646279746573]
    def rd():
        v[0]=(v[0]+v[1])&M;v[1]=r(v[1],13)^v[0];v[0]=r(v[0],32);v[2]=(v[2]+v[3])&M;v[3]=r(v[3],16)^v[2]
        v[0]=(v[0]+v[3])&M;v[3]=r(v[3],21)^v[0];v[2]=(v[2]+v[1])&M;v[1]=r(v[1],17)^v[2];v[2]=r(v[2],32)
    p=m+b'\0'*(7-len(m)%8)+bytes([len(m)&255])
    for i in range(0,len(p),8):
        w=struct.unpack('<Q',p[i:i+8])[0];v[3]^=w;rd();rd();v[0]^=w
    v[2]^=255
    for _ in range(4):rd()
    return struct.pack('<Q',v[0]^v[1]^v[2]^v[3])
assert h(sip(bytes(range(16)),bytes(range(15))))=='e545be4961ca29a1'
# RFC 5869 case 1
assert h(expand(HM(bytes.fromhex('000102030405060708090a0b0c'),b'\x0b'*22),bytes.fromhex('f0f1f2f3f4f5f6f7f8f9'),42)).startswith('3cb25f25faacd57a')
KA=bytes.fromhex('0102030405060708');KB=bytes.fromhex('1112131415161718')
tokB=H(KB)[:4]
# --- V1 clear join record: A initiates, id 2, R_I a1a2a3a4, D=1,B=0
mpj=bytes([30,12,0x18,2])+tokB+bytes.fromhex('a1a2a3a4')
body=bytes([0])+bytes.fromhex('1122334455667788')+b'hello mptcp'
hd=bytes([1])+struct.pack('!H',len(body))
tag=HM(KA+KB,b'mpt jwd 1'+mpj+hd+body)[:16]
print('V1 mpj',h(mpj));print('V1 record',h(hd+body),'tag',h(tag))
# with ACK prefix, pad
ack=bytes.fromhex('99aabbccddeeff00')+bytes.fromhex('99aabbccddefff00')+struct.pack('!I',0)
body2=bytes([0x11])+bytes.fromhex('1122334455667788')+ack+struct.pack('!H',4)+b'\0'*4
hd2=bytes([1])+struct.pack('!H',len(body2))
print('V1b record',h(hd2+body2),'tag',h(HM(KA+KB,b'mpt jwd 1'+mpj+hd2+body2)[:16]))
# --- V2 key schedule
skA=bytes(range(0x20,0x40));skB=bytes(range(0x40,0x60))
a=X25519PrivateKey.from_private_bytes(skA);b=X25519PrivateKey.from_private_bytes(skB)
raw=lambda k:k.public_key().public_bytes(Encoding.Raw,PublicFormat.Raw)
pA,pB=raw(a),raw(b);ss=a.exchange(X25519PublicKey.from_public_bytes(pB));assert ss==b.exchange(X25519PublicKey.from_public_bytes(pA))
ENOA=bytes([69,7,0xa0,0x4d,0x53,0x11,0x12]);ENOB=bytes([69,7,0x01,0xa0,0x4d,0x53,0x11])
N=bytes([30,4,1,1])+bytes([30,12,1,1])+KB+KA+ENOA+ENOB
fr=lambda t,b:bytes([t])+struct.pack('!H',len(b))+b
HELLO=fr(1,b'MPTSEC1\0'+bytes(range(0x60,0x80))+pA+bytes([2,0x11,0x12])+b'\0')
REPLY=fr(2,bytes(range(0x80,0xa0))+pB+bytes([0x11]))
thr=H(N,HELLO,REPLY)
S0=HM(b'\0'*32,b'\0'*32);S1=HM(S0,ss)
hsb=X(S1,b'hs b',thr,44);hsa=X(S1,b'hs a',thr,44)
P0=bytes([0]);finb=HM(X(S1,b'fin b',b'',32),H(N,HELLO,REPLY,P0));P=P0+finb
fina=HM(X(S1,b'fin a',b'',32),H(N,HELLO,REPLY,P))
AUTH=fr(3,b'')[:1]+struct.pack('!H',len(P)+16);AUTH+=ChaCha20Poly1305(hsb[:32]).encrypt(hsb[32:],P,AUTH)
master=X(S1,b'master',H(N,HELLO,REPLY,P),32)
txa=X(master,b'tx a',b'',32);txb=X(master,b'tx b',b'',32);jn=X(master,b'join',b'',32);jr=X(master,b'jrec',b'',32);aka=X(master,b'ack a',b'',16);akb=X(master,b'ack b',b'',16)
for n in 'pA pB ss N thr S0 S1 hsb finb fina master txa txb jn jr aka akb'.split():print('V2',n,h(globals()[n]))
print('V2 AUTH frame',h(AUTH))
# --- V3 sealed record, subflow joined by a: id_I 2,id_R 0, R_I a1a2a3a4,R_R b1b2b3b4
ctx=bytes([1,2,0])+bytes.fromhex('a1a2a3a4b1b2b3b4')
sf=X(txa,b'sf',ctx,32);kiv=X(sf,b'kiv',b'',44);sf1=X(sf,b'next',b'',32)
def seal(kiv,ssn,dsn,pt):
    dll=len(pt)+16;n=bytes(x^y for x,y in zip(kiv[32:],b'\0'*4+struct.pack('!Q',ssn)))
    ad=b'\1'+struct.pack('!QH',dsn,dll);return n,ad,ChaCha20Poly1305(kiv[:32]).encrypt(n,pt,ad)
print('V3 sf',h(sf),'kiv',h(kiv),'next',h(sf1))
for pt,ssn,dsn in ((b'\0hello mptcp',1,0x1122334455667788),):
    n,ad,c=seal(kiv,ssn,dsn,pt);print('V3 nonce',h(n),'aad',h(ad),'out',h(c),'DLL',len(c))
kiv0=X(X(txa,b'sf',bytes(11),32),b'kiv',b'',44);print('V3 initial subflow kiv a->b',h(kiv0))
# --- V4 AACK, sent by b (acks a's data)
D=0x1122334455667793;W=0x20000
mac=sip(akb,b'A'+struct.pack('!QI',D,W));print('V4 AACK',h(bytes([30,20,0xf1,0])+struct.pack('!II',D&0xffffffff,W)+mac))
# --- V5 sealed join record by a
kj=X(jr,b'jr',b'\1'+mpj,44);ad=mpj+bytes([1])+struct.pack('!H',len(body));c=ChaCha20Poly1305(kj[:32]).encrypt(kj[32:],body,ad)
print('V5 kiv',h(kj),'payload',h(hd+c))
# --- V6 join HMACs
RI=bytes.fromhex('a1a2a3a4');RR=bytes.fromhex('b1b2b3b4')
m=lambda w:b'mptsec1 mpj '+w+bytes([1])+mpj+bytes([0x18&0xf,0])+RR
print('V6 synack',h(HM(jn,m(b'2'))[:8]),'ack',h(HM(jn,m(b'3'))[:20]),'msg2',h(m(b'2')))
